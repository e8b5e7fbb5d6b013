package dev.hairpin.credentialapi.compat;

import dev.hairpin.credentialapi.ApiSettings;
import dev.hairpin.credentialapi.http.ConnectionCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/// Moves keys from where other providers' clients show them to `Authorization: Bearer`. It does so
/// before anything else sees the request: the framework may log a URL, but never a key.
@Singleton
final class ProviderKeys extends ConnectionCustomizer {
  static final String BASIC_CHALLENGE = "Basic realm=\"Hairpin\"";

  private static final Pattern TOKEN = Pattern.compile("[!-~]+");
  private static final String BASIC = "Basic ";

  private final Map<String, Set<String>> parametersByPath = new HashMap<>();
  private final Set<String> basicPaths = new LinkedHashSet<>();

  ProviderKeys(ApiSettings settings) {
    for (var api : settings.compatibility()) {
      switch (api) {
        case TURN_REST -> parametersByPath.put(TurnRestController.PATH, Set.of("key", "api"));
        case STUNNER -> parametersByPath.put(StunnerController.PATH, Set.of("key"));
        case METERED -> parametersByPath.put(MeteredController.PATH, Set.of("apiKey"));
        case TWILIO -> basicPaths.add(TwilioController.PATH);
        case XIRSYS -> basicPaths.add(XirsysController.PATH);
        case CLOUDFLARE, WHIP -> {} // Bearer already
      }
    }
  }

  @Override
  protected NettyServerCustomizer of(Channel connection) {
    return new Connection(connection);
  }

  private final class Connection implements NettyServerCustomizer {
    private final Channel channel;

    Connection(Channel channel) {
      this.channel = channel;
    }

    @Override
    public void onStreamPipelineBuilt() {
      if (!parametersByPath.isEmpty() || !basicPaths.isEmpty()) {
        addBehindCodec(channel, "keys", new Mover());
      }
    }
  }

  private final class Mover extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof HttpRequest request && request.decoderResult().isSuccess()) {
        moveParameters(request);
        moveBasic(request);
      }
      context.fireChannelRead(message);
    }
  }

  private void moveParameters(HttpRequest request) {
    int end = request.uri().indexOf('?');
    String path = end < 0 ? request.uri() : request.uri().substring(0, end);
    var names = parametersByPath.getOrDefault(path, Set.of());
    if (end < 0 || names.isEmpty()) {
      return;
    }
    var keys = new LinkedHashSet<String>(); // Janus shows one key by two names
    var rest = new StringJoiner("&");
    for (String parameter : request.uri().substring(end + 1).split("&", -1)) {
      int equals = (parameter + "=").indexOf('=');
      if (names.contains(decode(parameter.substring(0, equals)))) {
        keys.add(decode(parameter.substring(Math.min(equals + 1, parameter.length()))));
      } else {
        rest.add(parameter);
      }
    }
    request.setUri(path + "?" + rest);
    keys.stream().filter(key -> TOKEN.matcher(key).matches()).forEach(key -> show(request, key));
  }

  /// A password becomes the token; the user is somebody whom only the other provider knows.
  private void moveBasic(HttpRequest request) {
    var shown = new ArrayList<>(request.headers().getAll(HttpHeaderNames.AUTHORIZATION));
    if (shown.size() != 1
        || basicPaths.stream().noneMatch(request.uri()::startsWith)
        || !shown.getFirst().regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      return;
    }
    try {
      byte[] pair = Base64.getDecoder().decode(shown.getFirst().substring(BASIC.length()).strip());
      String text = new String(pair, StandardCharsets.UTF_8);
      String password = text.substring(text.indexOf(':') + 1);
      if (text.contains(":") && TOKEN.matcher(password).matches()) {
        request.headers().remove(HttpHeaderNames.AUTHORIZATION);
        show(request, password);
      }
    } catch (IllegalArgumentException _) {
      // no Base64, and so no key
    }
  }

  private static void show(HttpRequest request, String key) {
    request.headers().add(HttpHeaderNames.AUTHORIZATION, "Bearer " + key);
  }

  /// Empty where the text is not well-formed.
  private static String decode(String component) {
    try {
      return QueryStringDecoder.decodeComponent(component);
    } catch (IllegalArgumentException _) {
      return "";
    }
  }
}

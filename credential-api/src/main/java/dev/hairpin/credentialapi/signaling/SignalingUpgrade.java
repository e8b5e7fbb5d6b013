package dev.hairpin.credentialapi.signaling;

import dev.hairpin.credentialapi.RoomSettings;
import dev.hairpin.credentialapi.auth.KnownCallers;
import dev.hairpin.credentialapi.http.ClientAddresses;
import dev.hairpin.credentialapi.http.ConnectionCustomizer;
import dev.hairpin.turnserver.net.IpPrefix;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import io.netty.util.ReferenceCountUtil;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Makes a WebSocket of a connection whose client asks for one (RFC 6455 §4.2), and takes it away
/// from the framework, which would compress, buffer whole messages before it knows their size, and
/// end it after a while. What is no such request, or must not be granted, goes on to
/// [SignalingController], which says why.
@Singleton
@Requires(property = RoomSettings.PROPERTY)
final class SignalingUpgrade extends ConnectionCustomizer {
  static final String PATH = "/v1/signaling";

  private static final WebSocketDecoderConfig FRAMES =
      WebSocketDecoderConfig.newBuilder()
          .maxFramePayloadLength(SignalingSocket.MAX_MESSAGE_BYTES)
          .allowExtensions(false)
          .expectMaskedFrames(true)
          .closeOnProtocolViolation(false)
          .withUTF8Validator(false) // messages are checked whole
          .build();
  private static final WriteBufferWaterMark BACKLOG =
      new WriteBufferWaterMark(256 << 10, 512 << 10);
  private static final int MIN_READ = 64;
  private static final int FIRST_READ = 512;
  private static final int MAX_READ = 16 << 10;

  private final Rooms rooms;
  private final KnownCallers callers;
  private final ClientAddresses addresses;
  private final InstantSource clock;

  SignalingUpgrade(
      Rooms rooms, KnownCallers callers, ClientAddresses addresses, InstantSource clock) {
    this.rooms = rooms;
    this.callers = callers;
    this.addresses = addresses;
    this.clock = clock;
  }

  /// Why there is no WebSocket for a request.
  enum Fault {
    NO_UPGRADE,
    FOREIGN_ORIGIN,
    BUSY
  }

  @Override
  protected NettyServerCustomizer of(Channel connection) {
    return new NettyServerCustomizer() {
      @Override
      public void onStreamPipelineBuilt() {
        addBehindCodec(connection, "signaling", new Upgrade());
      }
    };
  }

  /// @param household of the client; null where it has no bound of its own
  /// @param headers all values of a header
  @Nullable Fault fault(@Nullable IpPrefix household, Function<String, List<String>> headers) {
    var key = headers.apply("Sec-WebSocket-Key");
    boolean isAsked =
        has(headers.apply("Upgrade"), "websocket")
            && has(headers.apply("Connection"), "upgrade")
            && headers.apply("Sec-WebSocket-Version").equals(List.of("13"))
            && key.size() == 1
            && key.getFirst().length() == 24;
    if (!isAsked) {
      return Fault.NO_UPGRADE;
    }
    var origins = headers.apply("Origin");
    if (!origins.isEmpty() && !isAdmitted(origins, headers.apply("Host"))) {
      return Fault.FOREIGN_ORIGIN;
    }
    return rooms.admitsStranger(household) ? null : Fault.BUSY;
  }

  private static boolean has(List<String> values, String word) {
    return values.stream()
        .flatMap(value -> List.of(value.split(",", -1)).stream())
        .anyMatch(item -> item.strip().equalsIgnoreCase(word));
  }

  /// The host's own pages, and those that may call it.
  private boolean isAdmitted(List<String> origins, List<String> hosts) {
    return origins.size() == 1
        && (callers.admits(origins.getFirst())
            || (hosts.size() == 1 && isOwn(origins.getFirst(), hosts.getFirst())));
  }

  private static boolean isOwn(String origin, String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return origin.equals("http://" + lower.replaceFirst(":80$", ""))
        || origin.equals("https://" + lower.replaceFirst(":443$", ""));
  }

  private final class Upgrade extends ChannelInboundHandlerAdapter {
    private @Nullable HttpRequest request;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
      if (request == null) {
        if (message instanceof HttpRequest asked && isGranted(ctx.channel(), asked)) {
          request = asked;
        } else {
          super.channelRead(ctx, message);
        }
        return;
      }
      ReferenceCountUtil.release(message);
      if (message instanceof LastHttpContent end && end.decoderResult().isSuccess()) {
        upgrade(ctx, request);
      } else { // a body
        var _ = ctx.close();
      }
    }

    private boolean isGranted(Channel channel, HttpRequest asked) {
      return asked.uri().equals(PATH)
          && asked.method().equals(HttpMethod.GET)
          && asked.protocolVersion().equals(HttpVersion.HTTP_1_1)
          && asked.decoderResult().isSuccess()
          && fault(household(channel, asked), asked.headers()::getAll) == null;
    }

    private @Nullable IpPrefix household(Channel channel, HttpRequest asked) {
      return addresses.household(channel, asked.headers()::getAll);
    }

    private void upgrade(ChannelHandlerContext ctx, HttpRequest asked) {
      var channel = ctx.channel();
      var pipeline = channel.pipeline();
      for (var entry : pipeline.toMap().entrySet()) {
        if (entry.getValue() != this && !(entry.getValue() instanceof HttpServerCodec)) {
          pipeline.remove(entry.getKey());
        }
      }
      var config = channel.config();
      config.setWriteBufferWaterMark(BACKLOG);
      config.setRecvByteBufAllocator(
          new AdaptiveRecvByteBufAllocator(MIN_READ, FIRST_READ, MAX_READ));
      config.setAutoRead(true);
      var socket = new SignalingSocket(rooms, clock, channel, () -> countNoMore(channel));
      rooms.expect(socket, household(channel, asked), channel.eventLoop());
      var whole =
          new DefaultFullHttpRequest(
              asked.protocolVersion(),
              asked.method(),
              asked.uri(),
              Unpooled.EMPTY_BUFFER,
              asked.headers(),
              EmptyHttpHeaders.INSTANCE);
      new WebSocketServerHandshaker13(PATH, null, FRAMES)
          .handshake(channel, whole, headersFor(asked), channel.newPromise())
          .addListener(
              done -> {
                if (!done.isSuccess()) {
                  var _ = channel.close();
                }
              });
      pipeline.addLast("signaling-socket", socket);
      pipeline.remove(this);
    }
  }
}

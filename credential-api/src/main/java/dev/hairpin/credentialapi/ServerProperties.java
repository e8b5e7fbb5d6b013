package dev.hairpin.credentialapi;

import dev.hairpin.credentialapi.http.Limits;
import dev.hairpin.credentialapi.http.TlsCallers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How the HTTP server is set up. No file and no variable of the environment changes it.
final class ServerProperties {

  /// The framework's names for the loops that accept and that serve, with their threads. None is a
  /// loop that relays.
  static final Map<String, Integer> EVENT_LOOPS = Map.of("parent", 1, "default", 2);

  private static final String SECURITY = "micronaut.security.";

  private ServerProperties() {}

  static Map<String, Object> of(ApiSettings settings, @Nullable TlsCallers tlsCallers) {
    var properties = new HashMap<String, Object>();
    if (tlsCallers == null) {
      properties.put("micronaut.server.host", host(settings));
      properties.put("micronaut.server.port", settings.listen().getPort());
    } else {
      var inner = tlsCallers.address();
      putListener(properties, "api", host(settings), settings.listen().getPort());
      putListener(properties, "tls", inner.ip().toString(), inner.port());
    }
    properties.put("micronaut.server.max-request-size", Limits.MAX_BODY_BYTES);
    properties.put("micronaut.server.max-request-buffer-size", Limits.MAX_BODY_BYTES);
    properties.put("micronaut.server.netty.max-header-size", Limits.MAX_HEADER_BYTES);
    properties.put("micronaut.server.netty.max-initial-line-length", Limits.MAX_REQUEST_LINE_BYTES);
    properties.put("micronaut.server.multipart.enabled", false);
    properties.put("micronaut.serde.serialization.inclusion", "non_null"); // empty lists are told
    properties.put("micronaut.server.idle-timeout", Limits.PATIENCE);
    properties.put("micronaut.server.read-idle-timeout", Limits.PATIENCE);
    properties.put("micronaut.server.write-idle-timeout", Limits.PATIENCE);
    // The framework's own CORS, which is off, would take our page behind a proxy for a stranger's.
    properties.put("micronaut.server.cors.localhost-pass-through", true);
    EVENT_LOOPS.forEach((name, threads) -> putEventLoop(properties, name, threads));
    properties.put("micronaut.router.static-resources.web.paths", "classpath:web");
    properties.put("micronaut.router.static-resources.web.mapping", "/**");
    settings.compatibility().forEach(api -> properties.put(api.property(), true));
    if (settings.rooms().areServed()) {
      properties.put(RoomSettings.PROPERTY, true);
    }
    putSecurity(properties);
    return properties;
  }

  private static void putListener(
      Map<String, Object> properties, String name, String host, int port) {
    String listener = "micronaut.server.netty.listeners." + name + ".";
    properties.put(listener + "host", host);
    properties.put(listener + "port", port);
  }

  private static void putEventLoop(Map<String, Object> properties, String name, int threads) {
    String loop = "micronaut.netty.event-loops." + name + ".";
    properties.put(loop + "num-threads", threads);
    properties.put(loop + "shutdown-quiet-period", "0s");
  }

  private static String host(ApiSettings settings) {
    String host = settings.listen().getHost();
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private static void putSecurity(Map<String, Object> properties) {
    properties.put(SECURITY + "reject-not-found", false);
    properties.put(SECURITY + "basic-auth.enabled", false);
    properties.put(SECURITY + "redirect.enabled", false);
    properties.put(SECURITY + "token.bearer.enabled", false); // BearerTokens reads them
    for (String endpoint : List.of("login", "logout", "oauth", "introspection")) {
      properties.put(SECURITY + "endpoints." + endpoint + ".enabled", false);
    }
  }
}

package dev.hairpin.credentialapi.compat;

import dev.hairpin.credentialapi.Compatibility;
import dev.hairpin.credentialapi.issue.IceServers;
import dev.hairpin.credentialapi.issue.IceServers.IceServer;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.nio.charset.StandardCharsets;

/// Says answers once more as the `Link` headers of WHIP and WHEP (RFC 9725 §4.6), one for each URL:
/// an endpoint copies them into its own answer.
@ServerFilter("/v1/ice-servers")
@Requires(property = Compatibility.PROPERTIES + "whip")
final class WhipLinks {
  private static final String ATTR_CHARS = "!#$&+-.^_`|~"; // RFC 8187 §3.2.1

  @ResponseFilter
  void add(MutableHttpResponse<?> response) {
    if (response.body() instanceof IceServers answer) {
      for (var server : answer.iceServers()) {
        server.urls().forEach(url -> response.header(HttpHeaders.LINK, link(url, server)));
      }
    }
  }

  private static String link(String url, IceServer server) {
    String link = "<" + url + ">; rel=\"ice-server\"";
    String username = server.username();
    String credential = server.credential();
    return username == null || credential == null
        ? link
        : link
            + "; "
            + parameter("username", username)
            + "; "
            + parameter("credential", credential)
            + "; credential-type=\"password\"";
  }

  /// A quoted string cannot hold what is not ASCII (RFC 8288 §3.4.2).
  private static String parameter(String name, String value) {
    return value.chars().allMatch(c -> c >= ' ' && c <= '~')
        ? name + "=\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\""
        : name + "*=UTF-8''" + encode(value);
  }

  private static String encode(String value) {
    var encoded = new StringBuilder();
    for (byte octet : value.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (octet & 0xff);
      boolean isPlain = c < 0x80 && (Character.isLetterOrDigit(c) || ATTR_CHARS.indexOf(c) >= 0);
      encoded.append(isPlain ? String.valueOf(c) : "%%%02X".formatted((int) c));
    }
    return encoded.toString();
  }
}

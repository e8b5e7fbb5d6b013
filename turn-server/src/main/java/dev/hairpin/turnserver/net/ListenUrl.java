package dev.hairpin.turnserver.net;

import java.net.URI;

/// Where to listen, as operators write it: `udp://0.0.0.0:3478`, `udp://[::]:3478`. Port 0 asks the
/// system for a free one.
public record ListenUrl(Transport transport, TransportAddress address) {
  public static ListenUrl parse(String text) {
    URI uri;
    try {
      uri = URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(hint(text), e);
    }
    String host = uri.getHost();
    boolean bare =
        uri.getRawPath() != null
            && uri.getRawPath().isEmpty()
            && uri.getRawQuery() == null
            && uri.getRawUserInfo() == null
            && uri.getRawFragment() == null;
    if (!"udp".equals(uri.getScheme()) || host == null || uri.getPort() < 0 || !bare) {
      throw new IllegalArgumentException(hint(text));
    }
    String literal = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return new ListenUrl(
        Transport.UDP, new TransportAddress(IpAddress.parse(literal), uri.getPort()));
  }

  private static String hint(String text) {
    return "'" + text + "' is not a listener like udp://192.0.2.1:3478 or udp://[::]:3478";
  }

  @Override
  public String toString() {
    return "udp://" + address;
  }
}

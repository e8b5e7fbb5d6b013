package dev.hairpin.turnserver.net;

import java.net.URI;
import java.util.Arrays;
import java.util.stream.Collectors;

/// Where to listen, as operators write it: `udp://0.0.0.0:3478`, `tls://[::]:5349`. Port 0 asks the
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
    if (host == null || uri.getPort() < 0 || !bare) {
      throw new IllegalArgumentException(hint(text));
    }
    String literal = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    for (var transport : Transport.values()) {
      if (transport.scheme().equals(uri.getScheme())) {
        return new ListenUrl(
            transport, new TransportAddress(IpAddress.parse(literal), uri.getPort()));
      }
    }
    throw new IllegalArgumentException(hint(text));
  }

  public ListenUrl withAddress(TransportAddress other) {
    return new ListenUrl(transport, other);
  }

  private static String hint(String text) {
    String schemes =
        Arrays.stream(Transport.values()).map(Transport::scheme).collect(Collectors.joining(", "));
    return "'"
        + text
        + "' is not a listener like udp://192.0.2.1:3478 or tls://[::]:5349 ("
        + schemes
        + ")";
  }

  @Override
  public String toString() {
    return transport.scheme() + "://" + address;
  }
}

package dev.hairpin.turnserver.net;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Where to listen, as operators write it: `udp://0.0.0.0:3478`, `tls://[::]:5349`. Port 0 asks the
/// system for a free one.
public record ListenUrl(Transport transport, TransportAddress address) {
  private static final Pattern URL =
      Pattern.compile("(\\w+)://(?:\\[([^]]*:[^]]*)]|([\\w.-]+)):(\\d{1,5})");

  public static ListenUrl parse(String text) {
    var parts = URL.matcher(text);
    if (parts.matches()) {
      for (var transport : Transport.values()) {
        if (transport.scheme().equals(parts.group(1))) {
          var ip = IpAddress.parse(parts.group(2) == null ? parts.group(3) : parts.group(2));
          int port = Integer.parseInt(parts.group(4));
          return new ListenUrl(transport, new TransportAddress(ip, port));
        }
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

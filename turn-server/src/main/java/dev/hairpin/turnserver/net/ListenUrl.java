package dev.hairpin.turnserver.net;

import java.util.Locale;
import java.util.regex.Pattern;

/// Where to listen, as operators write it: `udp://0.0.0.0:3478`, `tls://[::]:5349`. Port 0 asks the
/// system for a free one.
public record ListenUrl(Transport transport, TransportAddress address) {
  private static final Pattern URL =
      Pattern.compile("(udp|tcp|tls|dtls)://(?:\\[([^]]*:[^]]*)]|([\\w.-]+)):(\\d{1,5})");

  public static ListenUrl parse(String text) {
    var parts = URL.matcher(text);
    Checks.require(
        parts.matches(),
        "'"
            + text
            + "' is not a listener like udp://192.0.2.1:3478 or tls://[::]:5349"
            + " (udp, tcp, tls, dtls)");
    var transport = Transport.valueOf(parts.group(1).toUpperCase(Locale.ROOT));
    var ip = IpAddress.parse(parts.group(2) == null ? parts.group(3) : parts.group(2));
    return new ListenUrl(transport, new TransportAddress(ip, Integer.parseInt(parts.group(4))));
  }

  public ListenUrl withAddress(TransportAddress other) {
    return new ListenUrl(transport, other);
  }

  @Override
  public String toString() {
    return transport.scheme() + "://" + address;
  }
}

package dev.hairpin.deploy.check;

import dev.hairpin.turnserver.net.Transport;
import java.net.InetSocketAddress;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A `stun:`, `turn:` or `turns:` URL (RFC 7064, RFC 7065).
///
/// @param text as it was handed out
/// @param host a name, or an address without brackets
public record IceUrl(String text, boolean relays, Transport transport, String host, int port) {
  private static final int DEFAULT_PORT = 3478;
  private static final int DEFAULT_SECURE_PORT = 5349;
  private static final int MAX_PORT = 65_535;
  private static final Pattern FORM =
      Pattern.compile(
          "(stun|turn)(s?):(?:\\[([0-9A-Fa-f:.]+)]|([^:?\\[\\]]+))(?::([0-9]{1,5}))?"
              + "(?:\\?transport=(udp|tcp))?");

  /// Null where it is none.
  public static @Nullable IceUrl parse(String text) {
    var form = FORM.matcher(text);
    if (!form.matches()) {
      return null;
    }
    boolean secure = !form.group(2).isEmpty();
    boolean stream = "tcp".equals(form.group(6)) || (secure && form.group(6) == null);
    var transport =
        stream ? secure ? Transport.TLS : Transport.TCP : secure ? Transport.DTLS : Transport.UDP;
    int standard = secure ? DEFAULT_SECURE_PORT : DEFAULT_PORT;
    int port = form.group(5) == null ? standard : Integer.parseInt(form.group(5));
    String host = form.group(3) == null ? form.group(4) : form.group(3);
    return port > MAX_PORT
        ? null
        : new IceUrl(text, form.group(1).equals("turn"), transport, host, port);
  }

  /// Asks the DNS.
  public InetSocketAddress resolve() throws CheckException {
    var address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new CheckException(
          host + " leads nowhere", "correct api.public-host, or the name's entry in the DNS");
    }
    return address;
  }
}

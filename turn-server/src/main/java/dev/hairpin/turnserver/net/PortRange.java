package dev.hairpin.turnserver.net;

/// Ports from `first` to `last`, both included.
public record PortRange(int first, int last) {
  /// The dynamic ports, which RFC 8656 §7.2 recommends for relayed addresses.
  public static final PortRange DYNAMIC = new PortRange(49152, 65535);

  private static final String OF_RELAYS = "a relay port range";
  private static final int LOWEST_OF_RELAYS = 1024;

  public PortRange {
    require("a port range", 0, first, last);
  }

  /// Reads `49152-65535`; ports below 1024 are not for relaying.
  public static PortRange parse(String text) {
    int dash = text.indexOf('-');
    Checks.require(dash >= 0, "'" + text + "' is not a range like 49152-65535");
    int first = parsePort(text.substring(0, dash));
    int last = parsePort(text.substring(dash + 1));
    require(OF_RELAYS, LOWEST_OF_RELAYS, first, last);
    return new PortRange(first, last);
  }

  /// Reads `0-1023`, or `53` alone.
  public static PortRange parseAny(String text) {
    int dash = text.indexOf('-');
    int first = parsePort(dash < 0 ? text : text.substring(0, dash));
    return new PortRange(first, dash < 0 ? first : parsePort(text.substring(dash + 1)));
  }

  /// Itself, where relayed addresses may have these ports.
  public PortRange forRelays() {
    require(OF_RELAYS, LOWEST_OF_RELAYS, first, last);
    return this;
  }

  private static void require(String what, int lowest, int first, int last) {
    Checks.require(
        first >= lowest && last <= 65535 && first <= last,
        what + " lies within " + lowest + "-65535 and rises, not " + first + "-" + last);
  }

  public int size() {
    return last - first + 1;
  }

  @Override
  public String toString() {
    return first + "-" + last;
  }

  private static int parsePort(String digits) {
    Checks.require(digits.matches("\\d{1,5}"), "'" + digits + "' is not a port");
    return Integer.parseInt(digits);
  }
}

package dev.hairpin.turnserver.net;

/// Ports from `first` to `last`, both included.
public record PortRange(int first, int last) {
  /// The dynamic ports, which RFC 8656 §7.2 recommends for relayed addresses.
  public static final PortRange DYNAMIC = new PortRange(49152, 65535);

  public PortRange {
    if (first < 0 || last > 65535 || first > last) {
      throw new IllegalArgumentException(
          "a port range lies within 0-65535 and rises, not " + first + "-" + last);
    }
  }

  /// Reads `49152-65535`; ports below 1024 are not for relaying.
  public static PortRange parse(String text) {
    int dash = text.indexOf('-');
    if (dash < 0) {
      throw new IllegalArgumentException("'" + text + "' is not a range like 49152-65535");
    }
    int first = parsePort(text.substring(0, dash));
    int last = parsePort(text.substring(dash + 1));
    requireForRelays(first, last);
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
    requireForRelays(first, last);
    return this;
  }

  private static void requireForRelays(int first, int last) {
    if (first < 1024 || last > 65535 || first > last) {
      throw new IllegalArgumentException(
          "a relay port range lies within 1024-65535 and rises, not " + first + "-" + last);
    }
  }

  public int size() {
    return last - first + 1;
  }

  @Override
  public String toString() {
    return first + "-" + last;
  }

  private static int parsePort(String digits) {
    if (digits.isEmpty()
        || digits.length() > 5
        || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new IllegalArgumentException("'" + digits + "' is not a port");
    }
    return Integer.parseInt(digits);
  }
}

package dev.hairpin.turnserver.net;

/// An address family, with its code in STUN's address attributes (RFC 8489 §14.1).
public enum Family {
  IPV4(1),
  IPV6(2);

  private final int code;

  Family(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}

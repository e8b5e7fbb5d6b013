package dev.hairpin.turnserver.net;

import java.net.StandardProtocolFamily;

/// An address family, with its code in STUN's address attributes (RFC 8489 §14.1).
public enum Family {
  IPV4(1, StandardProtocolFamily.INET),
  IPV6(2, StandardProtocolFamily.INET6);

  private final int code;
  private final StandardProtocolFamily ofSockets;

  Family(int code, StandardProtocolFamily ofSockets) {
    this.code = code;
    this.ofSockets = ofSockets;
  }

  public int code() {
    return code;
  }

  /// As sockets are opened for it.
  public StandardProtocolFamily ofSockets() {
    return ofSockets;
  }
}

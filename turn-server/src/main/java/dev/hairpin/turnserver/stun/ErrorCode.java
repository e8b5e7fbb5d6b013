package dev.hairpin.turnserver.stun;

/// Error codes that this server answers with, named as in IANA's registry.
public enum ErrorCode {
  BAD_REQUEST(400),
  UNAUTHENTICATED(401),
  FORBIDDEN(403),
  UNKNOWN_ATTRIBUTE(420),
  ALLOCATION_MISMATCH(437),
  STALE_NONCE(438),
  ADDRESS_FAMILY_NOT_SUPPORTED(440),
  WRONG_CREDENTIALS(441),
  UNSUPPORTED_TRANSPORT_PROTOCOL(442),
  PEER_ADDRESS_FAMILY_MISMATCH(443),
  SERVER_ERROR(500),
  INSUFFICIENT_CAPACITY(508);

  private final int code;

  ErrorCode(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}

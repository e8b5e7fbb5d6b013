package dev.hairpin.turnserver.stun;

/// Error codes that this server answers with, named as in IANA's registry.
public enum ErrorCode {
  TRY_ALTERNATE(300),
  BAD_REQUEST(400),
  UNAUTHENTICATED(401),
  FORBIDDEN(403),
  MOBILITY_FORBIDDEN(405),
  UNKNOWN_ATTRIBUTE(420),
  ALLOCATION_MISMATCH(437),
  STALE_NONCE(438),
  ADDRESS_FAMILY_NOT_SUPPORTED(440),
  WRONG_CREDENTIALS(441),
  UNSUPPORTED_TRANSPORT_PROTOCOL(442),
  PEER_ADDRESS_FAMILY_MISMATCH(443),
  CONNECTION_ALREADY_EXISTS(446),
  CONNECTION_TIMEOUT_OR_FAILURE(447),
  ALLOCATION_QUOTA_REACHED(486),
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

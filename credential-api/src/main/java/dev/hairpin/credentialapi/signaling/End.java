package dev.hairpin.credentialapi.signaling;

import java.util.Locale;

/// Why the server closes a WebSocket. A `problem` with the code goes before the close frame.
enum End {
  MALFORMED(4400),
  BAD_TOKEN(4401),
  EXPIRED_TOKEN(4402),
  ROOM_FULL(4403),
  TOO_SLOW(4408),
  REPLACED(4409),
  REMOVED(4410),
  TOO_LARGE(4413),
  TOO_MANY(4429),
  BUSY(4503);

  private final int status;

  End(int status) {
    this.status = status;
  }

  /// In the close frame (RFC 6455 §7.4.2).
  int status() {
    return status;
  }

  String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// Whether whoever is in a room is out of it at once, for what it has done. Otherwise it may take
  /// its place again.
  boolean isForGood() {
    return switch (this) {
      case TOO_SLOW, REPLACED -> false;
      case MALFORMED, BAD_TOKEN, EXPIRED_TOKEN, ROOM_FULL, REMOVED, TOO_LARGE, TOO_MANY, BUSY ->
          true;
    };
  }
}

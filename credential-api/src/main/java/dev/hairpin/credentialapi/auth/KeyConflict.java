package dev.hairpin.credentialapi.auth;

import java.io.Serial;

/// What a key ring already holds stands against a change, in words that a caller may read.
public final class KeyConflict extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  KeyConflict(String message) {
    super(message);
  }
}

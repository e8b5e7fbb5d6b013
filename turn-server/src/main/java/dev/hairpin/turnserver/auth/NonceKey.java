package dev.hairpin.turnserver.auth;

import java.security.SecureRandom;

/// The key of a process's nonces, drawn at its start and shared by its loops. Never printed.
public final class NonceKey {
  private static final int BYTES = 32;

  private final byte[] bytes = new byte[BYTES];

  public NonceKey() {
    new SecureRandom().nextBytes(bytes);
  }

  byte[] bytes() {
    return bytes;
  }
}

package dev.hairpin.turnserver.credential;

import java.time.Instant;

/// A username and the password that goes with it, until an instant.
public record Credential(String username, String password, Instant expiresAt) {
  @Override
  public String toString() {
    return "Credential[" + username + ", until " + expiresAt + "]";
  }
}

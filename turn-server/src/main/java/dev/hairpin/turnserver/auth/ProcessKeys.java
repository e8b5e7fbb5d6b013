package dev.hairpin.turnserver.auth;

import dev.hairpin.turnserver.net.Jca;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;

/// What nonces and tickets are made with: drawn when a process starts, and shared by its loops.
/// Never printed.
public final class ProcessKeys {
  final SecretKey nonces = draw("HmacSHA256");
  final SecretKey tickets = draw("AES");

  private static SecretKey draw(String algorithm) {
    return Jca.get(() -> KeyGenerator.getInstance(algorithm)).generateKey();
  }
}

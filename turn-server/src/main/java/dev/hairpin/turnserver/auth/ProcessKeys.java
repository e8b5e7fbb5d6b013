package dev.hairpin.turnserver.auth;

import java.security.GeneralSecurityException;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;

/// What nonces and tickets are made with: drawn when a process starts, and shared by its loops.
/// Never printed.
public final class ProcessKeys {
  final SecretKey nonces = draw("HmacSHA256");
  final SecretKey tickets = draw("AES");

  private static SecretKey draw(String algorithm) {
    try {
      return KeyGenerator.getInstance(algorithm).generateKey();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no " + algorithm, e);
    }
  }
}

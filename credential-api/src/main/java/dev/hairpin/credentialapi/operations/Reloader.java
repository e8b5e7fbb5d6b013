package dev.hairpin.credentialapi.operations;

import java.io.Serial;
import java.util.List;

/// Puts the configuration into force once more.
public interface Reloader {
  /// Returns when all of it that can be is in force, with the keys that have to wait for the next
  /// start.
  ///
  /// @throws Refused where it is wrong, and the former stays in force
  List<String> reload() throws Refused;

  /// Says in its message what is wrong; no secret.
  final class Refused extends Exception {
    @Serial private static final long serialVersionUID = 1;

    public Refused(String message) {
      super(message);
    }
  }
}

package dev.hairpin.deploy.serve;

/// Whether the API answers HTTPS beside its own listener.
public enum Https {
  OFF,

  /// At every `tls://` listener of the TURN server, with its certificate.
  SHARED
}

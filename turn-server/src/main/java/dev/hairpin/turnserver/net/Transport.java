package dev.hairpin.turnserver.net;

import java.util.Locale;

/// How a client reaches the server.
public enum Transport {
  UDP,
  TCP,
  /// TLS over TCP.
  TLS,
  /// DTLS over UDP.
  DTLS;

  /// As it stands in front of a listener: `udp`.
  public String scheme() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// Whether messages come in datagrams, else in a stream.
  public boolean isDatagram() {
    return this == UDP || this == DTLS;
  }

  public boolean isEncrypted() {
    return this == TLS || this == DTLS;
  }
}

package dev.hairpin.credentialapi.http;

import java.time.Duration;

/// What one caller, and all together, may take of the server.
public final class Limits {
  public static final int MAX_BODY_BYTES = 8192;
  public static final int MAX_HEADER_BYTES = 8192;
  public static final int MAX_REQUEST_LINE_BYTES = 4096;

  /// For a whole request to come, and for its answer to leave.
  public static final Duration PATIENCE = Duration.ofSeconds(30);

  /// At each listener.
  static final int MAX_CONNECTIONS = 1024;

  /// Of one caller that comes by TLS; a caller on this machine may be a proxy and speak for many.
  static final int MAX_CONNECTIONS_PER_CALLER = 64;

  private Limits() {}
}

package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.net.TransportAddress;

/// An HTTP server of this process that shares a TLS port with TURN. It is reached over loopback, so
/// that HTTP never runs on a relay loop.
public interface HttpBackend {
  /// Where it listens, without TLS.
  TransportAddress address();

  /// Tells who speaks through a connection, before its first byte is sent.
  ///
  /// @param via the near end of the connection to the backend
  void opened(TransportAddress via, TransportAddress client);

  void closed(TransportAddress via);
}

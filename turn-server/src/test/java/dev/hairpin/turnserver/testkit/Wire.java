package dev.hairpin.turnserver.testkit;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The way between a client and a server. It gives back whole messages, however the transport cuts
/// them.
public sealed interface Wire extends AutoCloseable
    permits UdpWire, DtlsWire, StreamWire, MemoryWire {
  InetSocketAddress server();

  InetSocketAddress localAddress();

  /// Whether all bytes arrive, and in their order: nothing is sent twice then, and ChannelData is
  /// padded (RFC 8656 §12.5).
  boolean isStream();

  /// Sends bytes as they are, by one datagram or one write.
  void send(Bytes bytes);

  /// The next message with the padding that follows it, or null where none comes in time.
  @Nullable Bytes receive(Duration timeout);

  @Override
  void close();
}

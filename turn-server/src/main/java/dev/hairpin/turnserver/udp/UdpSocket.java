package dev.hairpin.turnserver.udp;

import dev.hairpin.turnserver.net.TransportAddress;
import io.netty.buffer.ByteBuf;

/// One UDP socket, confined to its loop. What is sent leaves at the end of the loop's turn at the
/// latest, in order; what cannot be sent is lost and told to [UdpEngine.Events#onLoss].
///
/// Destinations are the canonical 128 bits and a port, and must be of the socket's family.
public interface UdpSocket {
  TransportAddress localAddress();

  /// On a socket that is bound to all addresses: whence the next datagrams leave. Zero leaves it to
  /// the system, as engines do that cannot choose.
  default void sendFrom(long high, long low) {}

  /// Relays bytes of the packet that is being handled, without copying them.
  ///
  /// @param skip how many bytes at the packet's start are left out
  /// @param length how many bytes are sent
  void relay(Packet packet, int skip, int length, long high, long low, int port);

  /// Whether what does not fit into one packet on its way is lost from now on, not cut up. It costs
  /// a call of the system.
  void setDontFragment(boolean wish);

  /// Relays the whole packet behind a header of four bytes.
  void relayBehind(int header, Packet packet, long high, long low, int port);

  /// Copies a message's readable bytes and sends them.
  void send(ByteBuf message, long high, long low, int port);

  /// The second call does nothing.
  void close();

  boolean isClosed();
}

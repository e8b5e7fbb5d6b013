package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.allocation.Allocation;
import dev.hairpin.turnserver.allocation.ClientLink;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpSocket;
import io.netty.buffer.ByteBuf;

/// A client behind a UDP listener.
///
/// @param fromHigh with `fromLow`, the address that the client knows the server by; zero where that
///   is the listener's own
record UdpClientLink(
    UdpListener listener, UdpSocket socket, TransportAddress client, long fromHigh, long fromLow)
    implements ClientLink {
  /// The largest payload of a UDP datagram on IPv4; IPv6 allows 20 bytes more, which nobody misses.
  private static final int MAX_DATAGRAM_BYTES = 65_507;

  @Override
  public int maxMessageBytes() {
    return MAX_DATAGRAM_BYTES;
  }

  @Override
  public void relayBehind(int header, Packet packet) {
    socket.sendFrom(fromHigh, fromLow);
    socket.relayBehind(header, packet, client.ip().high(), client.ip().low(), client.port());
  }

  @Override
  public void send(ByteBuf message) {
    socket.sendFrom(fromHigh, fromLow);
    socket.send(message, client.ip().high(), client.ip().low(), client.port());
  }

  @Override
  public void forget(Allocation allocation) {
    listener.remove(client, allocation);
  }
}

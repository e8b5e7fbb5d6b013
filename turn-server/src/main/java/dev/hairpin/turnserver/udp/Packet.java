package dev.hairpin.turnserver.udp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/// The datagram that a loop looks at: a place in its ring and where it came from. One object a
/// loop, used again for the next; it is valid only during [UdpHandler#onPacket].
public final class Packet {
  ByteBuf buffer = Unpooled.EMPTY_BUFFER;
  int offset;
  int length;
  long sourceHigh;
  long sourceLow;
  int sourcePort;

  /// Whether the bytes before the payload are free to be written.
  boolean hasHeadroom;

  Packet() {}

  /// The ring; the datagram is `length()` bytes from `offset()` on.
  public ByteBuf buffer() {
    return buffer;
  }

  public int offset() {
    return offset;
  }

  public int length() {
    return length;
  }

  /// The upper half of the source's canonical 128 bits.
  public long sourceHigh() {
    return sourceHigh;
  }

  public long sourceLow() {
    return sourceLow;
  }

  public int sourcePort() {
    return sourcePort;
  }
}

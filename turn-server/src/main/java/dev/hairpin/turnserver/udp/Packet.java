package dev.hairpin.turnserver.udp;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/// The datagram or message that a loop looks at: a place in a buffer and where it came from. Used
/// again for the next; it is valid only while it is handled.
public final class Packet {
  ByteBuf buffer = Unpooled.EMPTY_BUFFER;
  int offset;
  int length;
  long sourceHigh;
  long sourceLow;
  int sourcePort;

  /// The address that it was sent to, where its socket is on all addresses; else zero.
  long localHigh;

  long localLow;

  /// Whether the bytes before the payload are free to be written.
  boolean hasHeadroom;

  /// Whether the bytes stay in place until the turn ends.
  boolean inRing;

  /// Whoever has bytes that did not come as a datagram makes one of its own.
  public Packet() {}

  /// Points at bytes outside of the ring. They are copied when they are relayed.
  public void point(ByteBuf bytes, int start, int count, TransportAddress source) {
    buffer = bytes;
    offset = start;
    length = count;
    sourceHigh = source.ip().high();
    sourceLow = source.ip().low();
    sourcePort = source.port();
    hasHeadroom = false;
    inRing = false;
    localHigh = 0;
    localLow = 0;
  }

  /// Leaves the payload behind a header of at least four bytes, which are free from now on.
  public void unwrap(int header, int payload) {
    offset += header;
    length = payload;
    hasHeadroom = true;
  }

  /// Whether it came as a datagram of its own, not out of a stream or by another loop.
  public boolean isDatagram() {
    return inRing || hasHeadroom;
  }

  /// What holds it; the datagram is `length()` bytes from `offset()` on.
  public ByteBuf buffer() {
    return buffer;
  }

  public int offset() {
    return offset;
  }

  public int length() {
    return length;
  }

  /// Where it came from; made anew at each call.
  public TransportAddress source() {
    return new TransportAddress(new IpAddress(sourceHigh, sourceLow), sourcePort);
  }

  /// The upper half of the source's canonical 128 bits.
  public long sourceHigh() {
    return sourceHigh;
  }

  public long sourceLow() {
    return sourceLow;
  }

  /// The address that a datagram was sent to; zero where that is the socket's own, or not known.
  public long localHigh() {
    return localHigh;
  }

  public long localLow() {
    return localLow;
  }

  public int sourcePort() {
    return sourcePort;
  }
}

package dev.hairpin.turnserver.turn;

import io.netty.buffer.ByteBuf;

/// The ChannelData message: channel number, length, payload (RFC 8656 §12.4).
public final class ChannelData {
  public static final int HEADER_BYTES = 4;
  public static final int FIRST_CHANNEL = 0x4000;
  public static final int LAST_CHANNEL = 0x7FFF;

  private ChannelData() {}

  /// RFC 8656 §12 allows 0x4000 to 0x4FFF; RFC 5766, by which clients in the field still choose,
  /// went on to 0x7FFF. See docs/deviations.md.
  public static boolean isChannel(int number) {
    return number >= FIRST_CHANNEL && number <= LAST_CHANNEL;
  }

  /// Whether a message starts with the first byte of a channel number.
  public static boolean startsWith(int firstByte) {
    return (firstByte & 0xc0) == 0x40;
  }

  /// The header as four bytes.
  public static int header(int channel, int length) {
    return channel << 16 | length;
  }

  public static int channel(ByteBuf buffer, int start) {
    return buffer.getUnsignedShort(start);
  }

  /// The payload's length, or -1 where the datagram holds less. What follows the payload is padding
  /// and ignored.
  public static int payloadLength(ByteBuf buffer, int start, int datagramLength) {
    if (datagramLength < HEADER_BYTES) {
      return -1;
    }
    int length = buffer.getUnsignedShort(start + 2);
    return length <= datagramLength - HEADER_BYTES ? length : -1;
  }
}

package dev.hairpin.bench.client;

import io.netty.buffer.ByteBuf;

/// The way between a client and its server, on the client's loop.
sealed interface Wire permits UdpWire, StreamWire {
  /// Sends a request. Its bytes are copied.
  void request(ByteBuf message);

  /// Sends the first bytes of a buffer, which are ChannelData; they are copied, and leave at the
  /// end of the loop's turn at the latest. False where the way is full.
  boolean data(ByteBuf message, int length);

  /// Whether what is lost has to be sent again.
  boolean isDatagram();

  /// The local port of a UDP socket, else 0.
  int udpPort();

  void close();

  /// What comes, told on the loop.
  interface Listener {
    void onOpen();

    void onMessage(ByteBuf buffer, int at, int length);

    /// The way is gone.
    void onEnd(String reason);
  }
}

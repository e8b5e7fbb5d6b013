package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.udp.Packet;
import io.netty.buffer.ByteBuf;

/// The way back to the client of an allocation.
public interface ClientLink {
  /// Of a client that has lost its connection and may come back (RFC 8016).
  ClientLink NOWHERE =
      new ClientLink() {
        @Override
        public int maxMessageBytes() {
          return -1;
        }

        @Override
        public void relayBehind(int header, Packet packet) {}

        @Override
        public void send(ByteBuf message) {}

        @Override
        public void forget(Allocation allocation) {}
      };

  int maxMessageBytes();

  /// Sends the packet that is being handled behind a ChannelData header, without copying it where
  /// the transport allows.
  void relayBehind(int header, Packet packet);

  /// Sends a copy of a message.
  void send(ByteBuf message);

  /// The allocation has ended, or its client has moved: what comes from the client is no longer its
  /// own.
  void forget(Allocation allocation);
}

package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.allocation.ClientLink;
import dev.hairpin.turnserver.allocation.FiveTuple;
import dev.hairpin.turnserver.telemetry.Counters;
import dev.hairpin.turnserver.udp.Packet;

/// What comes from the side of the clients, told to the loop.
public interface ClientEvents {
  /// Input came by another way than a UDP socket. Told before the messages in it.
  void onTurn();

  /// A whole message.
  void onMessage(ClientSocket socket, Packet packet);

  /// Runs a task as a turn of its own; never where the server has stopped. Any thread may post.
  void post(Runnable task);

  Counters counters();

  /// Handling a message threw; the message is lost, the loop goes on.
  void onFault(Throwable fault);

  /// A client's connection is gone.
  ///
  /// @param holder what it led to
  void onDisconnect(ClientLink link, FiveTuple.Holder holder);
}

package dev.hairpin.turnserver.udp;

import dev.hairpin.turnserver.net.Sharing;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.telemetry.DropReason;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;

/// The UDP sockets of one loop. Every method is called on that loop.
public interface UdpEngine {
  /// What an engine tells the loop that it works for, on that loop.
  interface Events {
    /// A turn of the loop has begun: told before its first packet.
    void onTurnStarted();

    /// Handling a packet threw; the packet is lost, the loop goes on.
    void onFault(Throwable fault);

    /// Datagrams were lost in this process or at the kernel's door.
    void onLoss(UdpSocket socket, DropReason reason, int datagrams);
  }

  /// The engine of a loop, of the form that goes with it; made on that loop.
  static UdpEngine of(IoEventLoop loop, Events events) {
    return loop.isIoType(EpollIoHandler.class)
        ? new NativeUdpEngine(loop, events)
        : new PortableUdpEngine(loop, events);
  }

  /// Binds a socket. On IPv4 its datagrams leave with DF cleared, whatever ICMP says about paths: a
  /// forged message could otherwise make the server cut up what passes through it.
  ///
  /// @throws IOException where the address is taken or not here, descriptors have run out, or the
  ///   engine is closed
  UdpSocket open(TransportAddress local, Sharing sharing, UdpHandler handler) throws IOException;

  /// Finds out whether an address is free. Shared sockets do not tell: two servers of one user
  /// would each get a part of the clients.
  ///
  /// @throws IOException where one socket alone cannot bind it
  default void requireFree(TransportAddress local) throws IOException {
    open(local, Sharing.EXCLUSIVE, (_, _) -> {}).close();
  }

  /// Starts a turn of the loop unless one is under way: what is sent from now on leaves at its end.
  /// Called where input came by another way than a socket of this engine.
  void beginTurn();

  /// Frees the buffers. Every socket is closed by then, and none is opened any more. The second
  /// call does nothing.
  void close();
}

package dev.hairpin.turnserver.model;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.Sharing;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpEngine;
import dev.hairpin.turnserver.udp.UdpHandler;
import dev.hairpin.turnserver.udp.UdpSocket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.BindException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The UDP of a world: sockets without descriptors, and a list of what left by them. It can be told
/// to fail.
final class FakeUdp {
  /// The relay sockets of all loops, by local address.
  final Map<TransportAddress, Socket> sockets = new HashMap<>();

  /// What was sent since it was last taken, in order.
  private List<Sent> sent = new ArrayList<>();

  /// Ports that another program has.
  final Set<TransportAddress> foreign = new HashSet<>();

  /// So many of the next sockets are not to be had.
  int socketsRefused;

  /// So many of the next datagrams are refused by the kernel.
  int sendsRefused;

  /// A datagram, or one that was refused.
  record Sent(TransportAddress from, TransportAddress to, byte[] bytes, boolean lost) {
    @Override
    public String toString() {
      return Bytes.of(bytes) + " from " + from + " to " + to + (lost ? ", lost" : "");
    }
  }

  List<Sent> takeSent() {
    var taken = sent;
    sent = new ArrayList<>();
    return taken;
  }

  /// The engine of one loop.
  final class Engine implements UdpEngine {
    private final Events events;
    private final Packet packet = new Packet();

    /// By address; every loop has its own of each.
    final Map<TransportAddress, Socket> listeners = new HashMap<>();

    Engine(Events events) {
      this.events = events;
    }

    @Override
    public UdpSocket open(TransportAddress local, Sharing sharing, UdpHandler handler)
        throws IOException {
      boolean isListener = local.port() == World.LISTENER_PORT;
      if (!isListener) {
        if (socketsRefused > 0) {
          socketsRefused--;
          throw new IOException("no descriptors left");
        }
        if (foreign.contains(local) || sockets.containsKey(local)) {
          throw new BindException("taken: " + local);
        }
      }
      var socket = new Socket(local, handler, this);
      (isListener ? listeners : sockets).put(local, socket);
      return socket;
    }

    @Override
    public void requireFree(TransportAddress local) {}

    @Override
    public void beginTurn() {
      events.onTurnStarted();
    }

    @Override
    public void close() {}
  }

  /// One socket of one loop.
  final class Socket implements UdpSocket {
    private final TransportAddress local;
    private final UdpHandler handler;
    private final Engine engine;
    private boolean closed;

    Socket(TransportAddress local, UdpHandler handler, Engine engine) {
      this.local = local;
      this.handler = handler;
      this.engine = engine;
    }

    void receive(byte[] bytes, TransportAddress source) {
      engine.beginTurn();
      engine.packet.point(Unpooled.wrappedBuffer(bytes), 0, bytes.length, source);
      guarded(() -> handler.onPacket(this, engine.packet));
    }

    void receive(UdpHandler.Icmp icmp) {
      engine.beginTurn();
      guarded(() -> ((UdpHandler.OfIcmp) handler).onIcmp(this, icmp));
    }

    private void guarded(Runnable task) {
      try {
        task.run();
      } catch (RuntimeException | Error fault) {
        engine.events.onFault(fault);
      }
    }

    @Override
    public TransportAddress localAddress() {
      return local;
    }

    @Override
    public void relay(Packet packet, int skip, int length, long high, long low, int port) {
      var bytes = new byte[length];
      packet.buffer().getBytes(packet.offset() + skip, bytes);
      send(bytes, high, low, port);
    }

    @Override
    public void setDontFragment(boolean wish) {}

    @Override
    public void relayBehind(int header, Packet packet, long high, long low, int port) {
      var bytes = Unpooled.buffer(4 + packet.length()).writeInt(header);
      bytes.writeBytes(packet.buffer(), packet.offset(), packet.length());
      send(bytes.array(), high, low, port);
    }

    @Override
    public void send(ByteBuf message, long high, long low, int port) {
      var bytes = new byte[message.readableBytes()];
      message.getBytes(message.readerIndex(), bytes);
      send(bytes, high, low, port);
    }

    private void send(byte[] bytes, long high, long low, int port) {
      if (closed) {
        throw new AssertionError("a closed socket sends: " + local);
      }
      boolean lost = sendsRefused > 0;
      sent.add(new Sent(local, new TransportAddress(new IpAddress(high, low), port), bytes, lost));
      if (lost) {
        sendsRefused--;
        engine.events.onLoss(this, DropReason.SEND_REFUSED, 1);
      }
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        sockets.remove(local, this);
      }
    }

    @Override
    public boolean isClosed() {
      return closed;
    }
  }
}

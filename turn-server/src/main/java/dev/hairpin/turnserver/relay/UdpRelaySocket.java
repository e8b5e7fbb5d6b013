package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.allocation.RelaySocket;
import dev.hairpin.turnserver.net.Sharing;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpHandler;
import dev.hairpin.turnserver.udp.UdpSocket;
import java.io.IOException;

/// The socket behind a relayed transport address. It is not connected: an ICMP error from one peer
/// must not touch the others.
public final class UdpRelaySocket extends RelaySocket implements UdpHandler.OfIcmp {
  private final UdpRelaySockets home;
  private final PortPool pool;
  private final UdpSocket socket;

  /// @throws IOException where the port cannot be bound
  UdpRelaySocket(UdpRelaySockets home, PortPool pool, TransportAddress local, Sharing sharing)
      throws IOException {
    super(new TransportAddress(pool.advertised(), local.port()));
    this.home = home;
    this.pool = pool;
    this.socket = home.engine.open(local, sharing, this);
    pool.live(local.port(), home.loop);
    home.neighbours.put(relayedAddress(), this);
  }

  @Override
  public void relay(Packet packet, int skip, int length, long high, long low, int peerPort) {
    if (socket.isClosed()) {
      return;
    }
    var self = relayedAddress().ip();
    boolean isHere = self.low() == low && self.high() == high;
    int loop = isHere ? pool.loopOf(peerPort) : -1; // what goes there need not pass the kernel
    if (loop == home.loop && packet.isDatagram()) {
      packet.unwrap(skip, length);
      home.deliver(relayedAddress(), packet, peerPort);
      return;
    }
    if (loop >= 0) {
      home.events.onPacketAway(loop, relayedAddress(), packet, skip, length, peerPort);
      return;
    }
    var local = home.pools.localOf(high, low, peerPort);
    if (local == null) {
      socket.relay(packet, skip, length, high, low, peerPort);
    } else {
      socket.relay(packet, skip, length, local.high(), local.low(), peerPort);
    }
  }

  @Override
  public void relayUnfragmented(
      Packet packet, int skip, int length, long high, long low, int peerPort) {
    if (!socket.isClosed()) {
      socket.setDontFragment(true);
      try {
        relay(packet, skip, length, high, low, peerPort);
      } finally {
        socket.setDontFragment(false);
      }
    }
  }

  @Override
  public void onPacket(UdpSocket from, Packet packet) {
    long high = packet.sourceHigh();
    long low = packet.sourceLow();
    int sourcePort = packet.sourcePort();
    var known = home.pools.advertisedOf(high, low, sourcePort);
    if (known != null) {
      high = known.high();
      low = known.low();
    }
    home.events.onPeerPacket(this, packet, high, low, sourcePort);
  }

  @Override
  public void onIcmp(UdpSocket from, Icmp icmp) {
    var peer = home.pools.toAdvertised(icmp.peer());
    home.events.onPeerIcmp(this, new Icmp(peer, icmp.type(), icmp.code(), icmp.data()));
  }

  /// Closes the descriptor before the port is free for others.
  @Override
  public void close() {
    if (!socket.isClosed()) {
      home.neighbours.remove(relayedAddress());
      socket.close();
      pool.unbind(relayedAddress().port());
    }
  }
}

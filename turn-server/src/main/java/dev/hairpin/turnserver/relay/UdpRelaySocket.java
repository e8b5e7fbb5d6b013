package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.allocation.Allocation;
import dev.hairpin.turnserver.allocation.RelaySocket;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpHandler;
import dev.hairpin.turnserver.udp.UdpSocket;
import org.jspecify.annotations.Nullable;

/// The socket behind a relayed transport address. It is not connected: an ICMP error from one peer
/// must not touch the others.
public final class UdpRelaySocket implements RelaySocket, UdpHandler {
  private final RelayPools pools;
  private final PortPool pool;
  private final int port;
  private final PeerEvents events;
  private final TransportAddress relayedAddress;
  private @Nullable UdpSocket socket;
  private @Nullable Allocation allocation;

  UdpRelaySocket(RelayPools pools, PortPool pool, int port, PeerEvents events) {
    this.pools = pools;
    this.pool = pool;
    this.port = port;
    this.events = events;
    this.relayedAddress = new TransportAddress(pool.advertised(), port);
  }

  void opened(UdpSocket opened) {
    this.socket = opened;
    pool.live(port);
  }

  @Override
  public void serve(Allocation owner) {
    this.allocation = owner;
  }

  public @Nullable Allocation allocation() {
    return allocation;
  }

  @Override
  public TransportAddress relayedAddress() {
    return relayedAddress;
  }

  @Override
  public void relay(Packet packet, int skip, int length, long high, long low, int peerPort) {
    var open = socket;
    if (open == null) {
      return;
    }
    if (pools.isTranslated()) {
      var to = pools.toLocal(new IpAddress(high, low), peerPort);
      open.relay(packet, skip, length, to.high(), to.low(), peerPort);
    } else {
      open.relay(packet, skip, length, high, low, peerPort);
    }
  }

  @Override
  public void relayUnfragmented(
      Packet packet, int skip, int length, long high, long low, int peerPort) {
    var open = socket;
    if (open != null) {
      var to = pools.toLocal(new IpAddress(high, low), peerPort);
      open.relayUnfragmented(packet, skip, length, to.high(), to.low(), peerPort);
    }
  }

  @Override
  public void onPacket(UdpSocket from, Packet packet) {
    long high = packet.sourceHigh();
    long low = packet.sourceLow();
    if (pools.isTranslated()) {
      var source = pools.toAdvertised(new IpAddress(high, low), packet.sourcePort());
      high = source.high();
      low = source.low();
    }
    events.onPeerPacket(this, packet, high, low, packet.sourcePort());
  }

  @Override
  public boolean hearsIcmp() {
    return true;
  }

  @Override
  public void onIcmp(UdpSocket from, Icmp icmp) {
    var ip = pools.toAdvertised(icmp.peer().ip(), icmp.peer().port());
    var peer = new TransportAddress(ip, icmp.peer().port());
    events.onPeerIcmp(this, new Icmp(peer, icmp.type(), icmp.code(), icmp.data()));
  }

  @Override
  public void onFault(Throwable fault) {
    events.onFault(fault);
  }

  @Override
  public void onLoss(Loss loss, int datagrams) {
    events.onLoss(loss, datagrams);
  }

  /// Closes the descriptor before the port is free for others.
  @Override
  public void close() {
    var open = socket;
    if (open != null) {
      socket = null;
      open.close();
      pool.giveBack(port);
      pools.descriptors().giveBackRelay();
    }
  }
}

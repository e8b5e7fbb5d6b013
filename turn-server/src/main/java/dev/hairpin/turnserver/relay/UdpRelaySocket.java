package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.allocation.Allocation;
import dev.hairpin.turnserver.allocation.RelaySocket;
import dev.hairpin.turnserver.net.AddressTable;
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
  private final AddressTable<UdpRelaySocket> neighbours;
  private final TransportAddress relayedAddress;
  private @Nullable UdpSocket socket;
  private @Nullable Allocation allocation;

  /// @param neighbours those that are open on the same loop, by relayed address
  UdpRelaySocket(
      RelayPools pools,
      PortPool pool,
      int port,
      PeerEvents events,
      AddressTable<UdpRelaySocket> neighbours) {
    this.pools = pools;
    this.pool = pool;
    this.port = port;
    this.events = events;
    this.neighbours = neighbours;
    this.relayedAddress = new TransportAddress(pool.advertised(), port);
  }

  void opened(UdpSocket opened) {
    this.socket = opened;
    pool.live(port);
    neighbours.put(relayedAddress, this);
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
    var neighbour = packet.isDatagram() ? neighbour(high, low, peerPort) : null;
    if (neighbour != null) {
      packet.unwrap(skip, length);
      var self = relayedAddress.ip();
      events.onPeerPacket(neighbour, packet, self.high(), self.low(), port);
      return;
    }
    var local = pools.isTranslated() ? pools.localOf(high, low, peerPort) : null;
    if (local == null) {
      open.relay(packet, skip, length, high, low, peerPort);
    } else {
      open.relay(packet, skip, length, local.high(), local.low(), peerPort);
    }
  }

  /// The hairpin: what goes to a relayed address of the same loop need not pass the kernel.
  private @Nullable UdpRelaySocket neighbour(long high, long low, int peerPort) {
    var self = relayedAddress.ip();
    return self.low() == low && self.high() == high ? neighbours.get(high, low, peerPort) : null;
  }

  @Override
  public void relayUnfragmented(
      Packet packet, int skip, int length, long high, long low, int peerPort) {
    var open = socket;
    if (open != null) {
      open.setDontFragment(true);
      relay(packet, skip, length, high, low, peerPort);
      open.setDontFragment(false);
    }
  }

  @Override
  public void onPacket(UdpSocket from, Packet packet) {
    long high = packet.sourceHigh();
    long low = packet.sourceLow();
    int sourcePort = packet.sourcePort();
    var known = pools.isTranslated() ? pools.advertisedOf(high, low, sourcePort) : null;
    if (known != null) {
      high = known.high();
      low = known.low();
    }
    events.onPeerPacket(this, packet, high, low, sourcePort);
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

  /// Closes the descriptor before the port is free for others.
  @Override
  public void close() {
    var open = socket;
    if (open != null) {
      socket = null;
      neighbours.remove(relayedAddress);
      open.close();
      pool.giveBack(port);
      pools.descriptors().giveBackRelay();
    }
  }
}

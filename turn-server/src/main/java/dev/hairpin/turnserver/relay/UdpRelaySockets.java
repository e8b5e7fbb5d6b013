package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.allocation.Allocator.RelaySockets;
import dev.hairpin.turnserver.allocation.Applicant;
import dev.hairpin.turnserver.credential.Account;
import dev.hairpin.turnserver.net.AddressTable;
import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.Sharing;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.Quotas;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.turn.PortWish;
import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpEngine;
import java.io.IOException;

/// Opens the sockets of UDP allocations on one loop.
public final class UdpRelaySockets implements RelaySockets {
  final RelayPools pools;
  final UdpEngine engine;
  final PeerEvents events;
  final int loop;

  /// Those that are open, by relayed address.
  final AddressTable<UdpRelaySocket> neighbours = new AddressTable<>();

  /// @param loop the number of the loop, which the ports of its sockets bear
  public UdpRelaySockets(RelayPools pools, UdpEngine engine, PeerEvents events, int loop) {
    this.pools = pools;
    this.engine = engine;
    this.events = events;
    this.loop = loop;
  }

  /// The hairpin: brings a datagram from one relayed address of this server to another of the same
  /// IP address, which this loop has; false where it has gone.
  public boolean deliver(TransportAddress source, Packet packet, int port) {
    var neighbour = neighbours.get(source.ip().high(), source.ip().low(), port);
    if (neighbour == null) {
      return false;
    }
    events.onPeerPacket(neighbour, packet, source.ip().high(), source.ip().low(), source.port());
    return true;
  }

  @Override
  public Opened open(Family family, PortWish port, Applicant applicant, long nowNanos) {
    return switch (port) {
      case PortWish.Reserved(var token) -> redeem(token, applicant, nowNanos);
      case PortWish.Parity.EVEN_AND_NEXT -> openPair(family, applicant, nowNanos);
      case PortWish.Parity parity ->
          pools.open(
              family, applicant, parity, (pool, at) -> bind(pool, at, Sharing.EXCLUSIVE, nowNanos));
    };
  }

  private Opened openPair(Family family, Applicant applicant, long nowNanos) {
    var owner = applicant.owner().credential();
    var unit = pools.quotas().reservation(owner, nowNanos);
    if (unit == null) {
      return new Failed(ErrorCode.ALLOCATION_QUOTA_REACHED);
    }
    var opened =
        pools.open(
            family,
            applicant,
            PortWish.Parity.EVEN_AND_NEXT,
            (pool, even) -> bindPair(pool, even, owner.account(), unit, nowNanos));
    if (opened instanceof Failed) {
      unit.release();
    }
    return opened;
  }

  private Opened redeem(long token, Applicant applicant, long nowNanos) {
    var user = applicant.owner().credential().account();
    var reservation = pools.reservations().redeem(token, user, nowNanos);
    if (reservation == null) {
      return new Failed(ErrorCode.INSUFFICIENT_CAPACITY);
    }
    try {
      return bind(reservation.pool(), reservation.port(), Sharing.SHARED, nowNanos);
    } catch (IOException _) {
      return new Failed(ErrorCode.INSUFFICIENT_CAPACITY);
    } finally {
      pools.reservations().letGo(reservation);
    }
  }

  /// @param unit what the next higher port counts as, which is then reserved
  private UdpRelaySocket bindPair(
      PortPool pool, int even, Account user, Quotas.Unit unit, long nowNanos) throws IOException {
    var socket = bind(pool, even, Sharing.EXCLUSIVE, nowNanos);
    try {
      socket.reserved(pools.reservations().keep(pool, even + 1, user, unit, nowNanos));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private UdpRelaySocket bind(PortPool pool, int port, Sharing sharing, long nowNanos)
      throws IOException {
    return pool.bind(port, nowNanos, local -> new UdpRelaySocket(this, pool, local, sharing));
  }
}

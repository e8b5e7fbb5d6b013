package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.allocation.Allocator.RelaySockets;
import dev.hairpin.turnserver.allocation.Applicant;
import dev.hairpin.turnserver.credential.Account;
import dev.hairpin.turnserver.net.AddressTable;
import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.policy.Quotas;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.turn.PortWish;
import dev.hairpin.turnserver.udp.UdpEngine;
import java.io.IOException;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/// Opens the sockets of UDP allocations on one loop.
public final class UdpRelaySockets implements RelaySockets {
  private final RelayPools pools;
  private final UdpEngine engine;
  private final PeerEvents events;
  private final AddressTable<UdpRelaySocket> neighbours = new AddressTable<>();
  private final SecureRandom random = new SecureRandom();

  public UdpRelaySockets(RelayPools pools, UdpEngine engine, PeerEvents events) {
    this.pools = pools;
    this.engine = engine;
    this.events = events;
  }

  @Override
  public Opened open(Family family, PortWish port, Applicant applicant, long nowNanos) {
    var user = applicant.owner().account();
    return switch (port) {
      case PortWish.Reserved(var token) -> redeem(token, user, nowNanos);
      case PortWish.Parity parity -> {
        boolean isPair = parity == PortWish.Parity.EVEN_AND_NEXT;
        var owner = applicant.owner().credential();
        var unit = isPair ? pools.quotas().reservation(owner, nowNanos) : null;
        if (isPair && unit == null) {
          yield new Opened.Failed(ErrorCode.ALLOCATION_QUOTA_REACHED);
        }
        var server = applicant.fiveTuple().server().ip();
        var opened =
            pools.open(
                family, server, parity, random, (pool, at) -> bind(pool, at, user, unit, nowNanos));
        if (unit != null && opened instanceof Opened.Failed) {
          unit.release();
        }
        yield opened;
      }
    };
  }

  private Opened redeem(long token, Account user, long nowNanos) {
    var reservation = pools.reservations().redeem(token, user, nowNanos);
    if (reservation == null) {
      return new Opened.Failed(ErrorCode.INSUFFICIENT_CAPACITY);
    }
    try {
      var pool = reservation.pool();
      var socket = bind(pool, reservation.port(), UdpEngine.Sharing.SHARED, nowNanos);
      return new Opened.Socket(socket, null);
    } catch (IOException _) {
      return new Opened.Failed(ErrorCode.INSUFFICIENT_CAPACITY);
    } finally {
      reservation.letGo();
    }
  }

  /// @param next what the next higher port counts as, which is then reserved; or null
  private Opened.Socket bind(
      PortPool pool, int port, Account user, Quotas.@Nullable Unit next, long nowNanos)
      throws IOException {
    UdpRelaySocket socket = null;
    Long token = null;
    try {
      socket = bind(pool, port, UdpEngine.Sharing.EXCLUSIVE, nowNanos);
      if (next != null) {
        token = pools.reservations().keep(pool, port + 1, user, next, nowNanos);
      }
      return new Opened.Socket(socket, token);
    } catch (IOException e) {
      if (socket != null) {
        socket.close();
      } else if (next != null) {
        pool.giveBack(port + 1);
      }
      throw e;
    }
  }

  private UdpRelaySocket bind(PortPool pool, int port, UdpEngine.Sharing sharing, long nowNanos)
      throws IOException {
    var relay = new UdpRelaySocket(pools, pool, port, events, neighbours);
    relay.opened(
        pool.bind(
            port, pools.descriptors(), nowNanos, local -> engine.open(local, sharing, relay)));
    return relay;
  }
}

package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.allocation.Allocator.RelaySockets;
import dev.hairpin.turnserver.allocation.Applicant;
import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.Quotas;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.turn.PortWish;
import dev.hairpin.turnserver.udp.UdpEngine;
import java.io.IOException;
import java.net.BindException;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/// Opens relay sockets on one loop, on ports drawn at random (RFC 8656 §7.2). Ports that another
/// process holds are passed over.
public final class UdpRelaySockets implements RelaySockets {
  /// Of ports that other programs turn out to have: some milliseconds, and each is then known.
  static final int MAX_TRIES = 256;

  private final RelayPools pools;
  private final UdpEngine engine;
  private final PeerEvents events;
  private final SecureRandom random = new SecureRandom();

  public UdpRelaySockets(RelayPools pools, UdpEngine engine, PeerEvents events) {
    this.pools = pools;
    this.engine = engine;
    this.events = events;
  }

  @Override
  public Opened open(Family family, PortWish port, Applicant applicant, long nowNanos) {
    var user = applicant.owner().user();
    return switch (port) {
      case PortWish.Reserved(var token) -> redeem(token, user, nowNanos);
      case PortWish.Parity parity -> {
        boolean isPair = parity == PortWish.Parity.EVEN_AND_NEXT;
        var unit = isPair ? pools.quotas().reservation(user, nowNanos) : null;
        if (isPair && unit == null) {
          yield new Opened.Failed(ErrorCode.ALLOCATION_QUOTA_REACHED);
        }
        var server = applicant.fiveTuple().server().ip();
        var opened =
            pools.open(family, server, random, pool -> draw(pool, parity, user, unit, nowNanos));
        if (unit != null && opened instanceof Opened.Failed) {
          unit.release();
        }
        yield opened;
      }
    };
  }

  private Opened redeem(long token, UserId user, long nowNanos) {
    var reservation = pools.reservations().redeem(token, user, nowNanos);
    if (reservation == null) {
      return new Opened.Failed(ErrorCode.INSUFFICIENT_CAPACITY);
    }
    try {
      return new Opened.Socket(
          bind(reservation.pool(), reservation.port(), UdpEngine.Sharing.SHARED, nowNanos), null);
    } catch (IOException _) {
      return new Opened.Failed(ErrorCode.INSUFFICIENT_CAPACITY);
    } finally {
      reservation.letGo();
    }
  }

  /// @param next what the next higher port counts as, which is then reserved; or null
  private Opened draw(
      PortPool pool,
      PortWish.Parity parity,
      UserId user,
      Quotas.@Nullable Unit next,
      long nowNanos) {
    boolean hopeless = false;
    for (int tries = 0; tries < MAX_TRIES && !hopeless; tries++) {
      int port = pool.take(parity, random.nextInt(pool.size()));
      if (port < 0) {
        break;
      }
      UdpRelaySocket socket = null;
      try {
        socket = bind(pool, port, UdpEngine.Sharing.EXCLUSIVE, nowNanos);
        return new Opened.Socket(
            socket,
            next == null ? null : pools.reservations().keep(pool, port + 1, user, next, nowNanos));
      } catch (BindException _) {
        // another program has one of the ports
      } catch (IOException _) {
        hopeless = true; // no descriptors left: another port would not help
      }
      if (socket != null) {
        socket.close();
      } else if (next != null) {
        pool.giveBack(port + 1);
      }
    }
    return new Opened.Failed(ErrorCode.INSUFFICIENT_CAPACITY);
  }

  /// Binds a port that was taken, or lets go of it.
  private UdpRelaySocket bind(PortPool pool, int port, UdpEngine.Sharing sharing, long nowNanos)
      throws IOException {
    if (!pools.descriptors().takeRelay()) {
      pool.giveBack(port);
      throw new IOException("no descriptor is left");
    }
    var relay = new UdpRelaySocket(pools, pool, port, events);
    try {
      var local = new TransportAddress(pool.local(), port);
      relay.opened(engine.open(local, sharing, relay));
      return relay;
    } catch (IOException | RuntimeException e) {
      pools.descriptors().giveBackRelay();
      pool.refused(port, e, nowNanos);
      throw e instanceof IOException io ? io : new IOException(e);
    }
  }
}

package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.allocation.Allocator.RelaySockets;
import dev.hairpin.turnserver.allocation.Applicant;
import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.turn.PortWish;
import dev.hairpin.turnserver.udp.UdpEngine;
import java.io.IOException;
import java.net.BindException;
import java.security.SecureRandom;

/// Opens relay sockets on one loop, on ports drawn at random (RFC 8656 §7.2). Ports that another
/// process holds are passed over.
public final class UdpRelaySockets implements RelaySockets {
  private static final int MAX_TRIES = 64;

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
      case PortWish.Parity parity ->
          pools.open(
              family,
              applicant.fiveTuple().server().ip(),
              random,
              pool -> draw(pool, parity, user, nowNanos));
    };
  }

  private Opened redeem(long token, UserId user, long nowNanos) {
    var reservation = pools.reservations().redeem(token, user, nowNanos);
    if (reservation == null) {
      return new Opened.Failed(ErrorCode.INSUFFICIENT_CAPACITY);
    }
    try {
      return new Opened.Socket(
          bind(reservation.pool(), reservation.port(), UdpEngine.Sharing.SHARED), null);
    } catch (IOException _) {
      return new Opened.Failed(ErrorCode.INSUFFICIENT_CAPACITY);
    } finally {
      reservation.letGo();
    }
  }

  private Opened draw(PortPool pool, PortWish.Parity parity, UserId user, long nowNanos) {
    boolean isPair = parity == PortWish.Parity.EVEN_AND_NEXT;
    boolean hopeless = false;
    for (int tries = 0; tries < MAX_TRIES && !hopeless; tries++) {
      int port = pool.take(parity, random.nextInt(pool.size()));
      if (port < 0) {
        break;
      }
      try {
        var socket = bind(pool, port, UdpEngine.Sharing.EXCLUSIVE);
        var token = isPair ? pools.reservations().keep(pool, port + 1, user, nowNanos) : null;
        if (!isPair || token != null) {
          return new Opened.Socket(socket, token);
        }
        socket.close();
      } catch (BindException _) {
        // another program has the port
      } catch (IOException _) {
        hopeless = true; // no descriptors left: another port would not help
      }
      if (isPair) {
        pool.giveBack(port + 1);
      }
    }
    return new Opened.Failed(ErrorCode.INSUFFICIENT_CAPACITY);
  }

  /// Binds a port that was taken, or gives it back.
  private UdpRelaySocket bind(PortPool pool, int port, UdpEngine.Sharing sharing)
      throws IOException {
    var relay = new UdpRelaySocket(pools, pool, port, events);
    try {
      var local = new TransportAddress(pool.local(), port);
      relay.opened(engine.open(local, sharing, relay));
      return relay;
    } catch (IOException e) {
      pool.giveBack(port);
      throw e;
    }
  }
}

package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.allocation.Allocator.RelaySockets;
import dev.hairpin.turnserver.allocation.Applicant;
import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.TransactionId;
import dev.hairpin.turnserver.tcp.TcpSockets;
import dev.hairpin.turnserver.turn.PortWish;
import java.io.IOException;
import java.net.BindException;
import java.security.SecureRandom;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/// Opens the sockets of TCP allocations on one loop, on ports drawn at random, and ends connections
/// that wait too long.
public final class TcpRelaySockets implements RelaySockets {
  private final RelayPools pools;
  private final TcpSockets sockets;
  private final PeerEvents events;
  private final LongSupplier nanos;
  private final SecureRandom random = new SecureRandom();
  private final Set<TcpRelaySocket> open = new LinkedHashSet<>();

  /// @param pools those for TCP
  public TcpRelaySockets(
      RelayPools pools, TcpSockets sockets, PeerEvents events, LongSupplier nanos) {
    this.pools = pools;
    this.sockets = sockets;
    this.events = events;
    this.nanos = nanos;
  }

  @Override
  public Opened open(Family family, PortWish wish, Applicant applicant, long nowNanos) {
    var server = applicant.fiveTuple().server().ip();
    if (!pools.descriptors().takeRelay()) {
      return new Opened.Failed(ErrorCode.INSUFFICIENT_CAPACITY);
    }
    var opened = pools.open(family, server, random, pool -> draw(pool, nowNanos));
    if (opened instanceof Opened.Failed) {
      pools.descriptors().giveBackRelay();
    }
    return opened;
  }

  private Opened draw(PortPool pool, long nowNanos) {
    boolean hopeless = false;
    for (int tries = 0; tries < UdpRelaySockets.MAX_TRIES && !hopeless; tries++) {
      int port = pool.take(PortWish.Parity.ANY, random.nextInt(pool.size()));
      if (port < 0) {
        break;
      }
      try {
        var socket = new TcpRelaySocket(this, pool, port);
        open.add(socket);
        return new Opened.Socket(socket, null);
      } catch (IOException | RuntimeException e) {
        pool.refused(port, e, nowNanos);
        hopeless = !(e instanceof BindException); // no descriptors left
      }
    }
    return new Opened.Failed(ErrorCode.INSUFFICIENT_CAPACITY);
  }

  /// Of an indication (RFC 8489 §5).
  TransactionId newTransaction() {
    return new TransactionId(random.nextInt(), random.nextLong());
  }

  RelayPools pools() {
    return pools;
  }

  TcpSockets sockets() {
    return sockets;
  }

  PeerEvents events() {
    return events;
  }

  long nowNanos() {
    return nanos.getAsLong();
  }

  void forget(TcpRelaySocket closed) {
    open.remove(closed);
  }

  public void sweep(long nowNanos) {
    List.copyOf(open).forEach(socket -> socket.sweep(nowNanos));
  }
}

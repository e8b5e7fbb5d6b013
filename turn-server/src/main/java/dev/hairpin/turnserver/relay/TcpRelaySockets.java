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
  private static final int MAX_TRIES = 64;

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
    return pools.open(family, applicant.fiveTuple().server().ip(), random, this::draw);
  }

  private Opened draw(PortPool pool) {
    for (int tries = 0; tries < MAX_TRIES; tries++) {
      int port = pool.take(PortWish.Parity.ANY, random.nextInt(pool.size()));
      if (port < 0) {
        break;
      }
      try {
        var socket = new TcpRelaySocket(this, pool, port);
        open.add(socket);
        return new Opened.Socket(socket, null);
      } catch (BindException _) {
        pool.giveBack(port);
      } catch (IOException _) {
        pool.giveBack(port);
        break; // no descriptors left: another port would not help
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

package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.allocation.Allocator.RelaySockets;
import dev.hairpin.turnserver.allocation.Applicant;
import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.stun.TransactionId;
import dev.hairpin.turnserver.tcp.TcpSockets;
import dev.hairpin.turnserver.turn.PortWish;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/// Opens the sockets of TCP allocations on one loop, and ends connections that wait too long.
public final class TcpRelaySockets implements RelaySockets {
  final RelayPools pools;
  final TcpSockets sockets;
  final PeerEvents events;
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
    return pools.open(
        family, server, PortWish.Parity.ANY, (pool, port) -> bind(pool, port, nowNanos));
  }

  private Opened.Socket bind(PortPool pool, int port, long nowNanos) throws IOException {
    var socket =
        pool.bind(
            port, pools.descriptors(), nowNanos, local -> new TcpRelaySocket(this, pool, local));
    open.add(socket);
    return new Opened.Socket(socket, null);
  }

  /// Of an indication (RFC 8489 §5).
  TransactionId newTransaction() {
    return new TransactionId(random.nextInt(), random.nextLong());
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

package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.allocation.Allocator.RelaySockets;
import dev.hairpin.turnserver.allocation.Applicant;
import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.tcp.TcpSockets;
import dev.hairpin.turnserver.telemetry.Counters;
import dev.hairpin.turnserver.turn.PortWish;
import java.util.function.LongSupplier;

/// Opens the sockets of TCP allocations on one loop.
///
/// @param pools those for TCP
/// @param nanos the loop's time
public record TcpRelaySockets(
    RelayPools pools, TcpSockets sockets, Counters counters, LongSupplier nanos)
    implements RelaySockets {
  @Override
  public Opened open(Family family, PortWish wish, Applicant applicant, long nowNanos) {
    return pools.open(
        family,
        applicant,
        PortWish.Parity.ANY,
        (pool, port) -> pool.bind(port, nowNanos, local -> new TcpRelaySocket(this, pool, local)));
  }
}

package dev.hairpin.turnserver.loop;

import dev.hairpin.turnserver.allocation.Allocation;
import dev.hairpin.turnserver.allocation.FiveTuple;
import dev.hairpin.turnserver.allocation.Traffic;
import dev.hairpin.turnserver.credential.CredentialUsername;
import dev.hairpin.turnserver.net.TransportAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// An allocation as it was at one moment.
///
/// @param id which no other allocation of the process has
/// @param username as issued, with its expiry and its limits
/// @param fiveTuple where the client is, or was before it lost its connection
/// @param relayed as they were granted; one of two may be gone by now
/// @param isTcp whether it has connections with peers (RFC 6062), and no datagrams
/// @param ageMillis since it was granted
public record Session(
    long id,
    String username,
    CredentialUsername credential,
    FiveTuple fiveTuple,
    List<TransportAddress> relayed,
    boolean isTcp,
    long ageMillis,
    Traffic.Passed passed) {
  /// Why a session ended.
  public enum End {
    RELEASED,
    EXPIRED,
    /// It was as old as allocations may grow.
    AGED,
    /// It relayed nothing for too long.
    IDLE,
    /// The bytes of its credential were spent.
    SPENT,
    DISCONNECTED,
    REVOKED,
    /// An operator wished it.
    ENDED,
    STOPPED
  }

  /// Is told of sessions, on the loop that keeps them: must be quick, and must not throw.
  public interface Listener {
    void started(Session session);

    void ended(Session session, End end);
  }

  static Session of(Allocation allocation, long nowNanos) {
    var owner = allocation.owner();
    return new Session(
        allocation.id(),
        owner.username(),
        owner.credential(),
        allocation.fiveTuple(),
        allocation.relayedAddresses(),
        allocation.isTcp(),
        TimeUnit.NANOSECONDS.toMillis(nowNanos - allocation.openedNanos()),
        allocation.traffic().passed());
  }
}

package dev.hairpin.turnserver.policy;

import org.jspecify.annotations.Nullable;

/// What one allocation may carry in one direction: its own share, and that of its user, from which
/// it takes slices, so that loops seldom meet there.
public final class Bandwidth {
  /// The headers of IPv4 and UDP: an empty datagram is not free.
  private static final int HEADER_BYTES = 28;

  /// All quotas together hold no more than a burst.
  private static final int SLICES = 64;

  private final @Nullable TokenBucket own;
  private final @Nullable TokenBucket users;

  /// What was taken from the user's share and not yet carried.
  private long slice;

  Bandwidth(@Nullable TokenBucket own, @Nullable TokenBucket users) {
    this.own = own;
    this.users = users;
  }

  /// Whether a datagram may pass; asked by the allocation's loop alone.
  public boolean admits(int payloadBytes, long nowNanos) {
    int bytes = payloadBytes + HEADER_BYTES;
    if (users != null && slice < bytes && !isRefilled(users, bytes, nowNanos)) {
      return false;
    }
    if (own != null && !own.take(bytes, nowNanos)) {
      return false;
    }
    slice -= users == null ? 0 : bytes;
    return true;
  }

  private boolean isRefilled(TokenBucket from, int bytes, long nowNanos) {
    long missing = bytes - slice;
    long more = Math.max(missing, from.burstBytes() / SLICES);
    if (!from.take(more, nowNanos)) {
      more = missing;
      if (!from.take(more, nowNanos)) {
        return false;
      }
    }
    slice += more;
    return true;
  }

  /// Counts bytes of a connection, which cannot be dropped, on any loop.
  ///
  /// @return for how long no more is to be read
  public long charge(int bytes, long nowNanos) {
    return Math.max(
        own == null ? 0 : own.charge(bytes, nowNanos),
        users == null ? 0 : users.charge(bytes, nowNanos));
  }
}

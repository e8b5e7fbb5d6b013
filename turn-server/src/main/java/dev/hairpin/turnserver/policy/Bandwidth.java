package dev.hairpin.turnserver.policy;

import org.jspecify.annotations.Nullable;

/// What one allocation may carry in one direction: its own share, and that of its user, from which
/// it takes slices, so that loops seldom meet there; and of the bytes of its credential.
public final class Bandwidth {
  /// The headers of IPv4 and UDP: an empty datagram is not free.
  private static final int HEADER_BYTES = 28;

  /// So many allocations together hold no more than a burst.
  private static final int SLICES = 64;

  private final @Nullable TokenBucket own;
  private final @Nullable TokenBucket users;
  private final @Nullable ByteBudget budget;

  /// What was taken from the user's share and not yet carried.
  private long slice;

  /// @param budget of both directions
  Bandwidth(@Nullable TokenBucket own, @Nullable TokenBucket users, @Nullable ByteBudget budget) {
    this.own = own;
    this.users = users;
    this.budget = budget;
  }

  /// Whether a datagram may pass; asked by the allocation's loop alone.
  public boolean admits(int payloadBytes, long nowNanos) {
    int bytes = payloadBytes + HEADER_BYTES;
    boolean isAdmitted =
        (users == null || slice >= bytes || isRefilled(users, bytes, nowNanos))
            && (own == null || own.take(bytes, nowNanos))
            && (budget == null || budget.take(payloadBytes));
    slice -= users != null && isAdmitted ? bytes : 0;
    return isAdmitted;
  }

  private boolean isRefilled(TokenBucket from, int bytes, long nowNanos) {
    long missing = bytes - slice;
    long more = Math.max(missing, from.burstBytes / SLICES);
    long taken = from.take(more, nowNanos) ? more : from.take(missing, nowNanos) ? missing : 0;
    slice += taken;
    return taken > 0;
  }

  /// Whether the bytes of the credential do not suffice any more.
  public boolean isSpent() {
    return budget != null && budget.isSpent();
  }

  /// Counts bytes of a connection, which cannot be dropped, on any loop.
  ///
  /// @return for how long no more is to be read; negative where these may not be carried, and
  ///   nothing more
  public long charge(int bytes, long nowNanos) {
    if (budget != null && !budget.take(bytes)) {
      return -1;
    }
    return Math.max(
        own == null ? 0 : own.charge(bytes, nowNanos),
        users == null ? 0 : users.charge(bytes, nowNanos));
  }
}

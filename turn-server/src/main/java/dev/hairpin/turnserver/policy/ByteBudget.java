package dev.hairpin.turnserver.policy;

import java.util.concurrent.atomic.AtomicLong;

/// What one allocation may still carry, in both directions together, of the bytes of its
/// credential. It takes slices of what the credential has left, so that loops seldom meet there.
final class ByteBudget {
  private static final int SLICES = 64;

  private final AtomicLong left;

  /// What was taken and not yet carried; for the allocation's loop alone. Negative after the end,
  /// so that a packet costs one comparison.
  private long slice;

  private volatile boolean spent;

  /// @param left shared by all allocations of the credential
  ByteBudget(AtomicLong left) {
    this.left = left;
  }

  /// Takes the bytes of a datagram. The first that do not fit are the end.
  boolean take(int bytes) {
    if (slice < bytes && !isRefilled(bytes)) {
      return false;
    }
    slice -= bytes;
    return true;
  }

  private boolean isRefilled(int bytes) {
    while (!spent) {
      long there = left.get();
      long more = Math.max(bytes - slice, there / SLICES);
      if (more > there) {
        end();
      } else if (left.compareAndSet(there, there - more)) {
        slice += more;
        return true;
      }
    }
    return false;
  }

  /// Takes the bytes of a connection, on any loop.
  boolean charge(int bytes) {
    if (!spent && left.getAndUpdate(there -> there < bytes ? there : there - bytes) >= bytes) {
      return true;
    }
    spent = true;
    return false;
  }

  boolean isSpent() {
    return spent;
  }

  /// Carries nothing more, and gives back what was not carried. The second call does nothing.
  void end() {
    spent = true;
    left.addAndGet(Math.max(0, slice));
    slice = -1;
  }
}

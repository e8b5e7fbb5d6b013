package dev.hairpin.turnserver.policy;

import java.util.concurrent.atomic.AtomicLong;

/// What one allocation may still carry, in both directions together, of the bytes of its
/// credential.
final class ByteBudget {
  private final AtomicLong left;
  private volatile boolean spent;

  /// @param left shared by all allocations of the credential
  ByteBudget(AtomicLong left) {
    this.left = left;
  }

  /// Takes the bytes of a datagram or a connection, on any loop. The first that do not fit are the
  /// end.
  boolean take(int bytes) {
    while (!spent) {
      long there = left.get();
      if (there < bytes) {
        spent = true;
      } else if (left.compareAndSet(there, there - bytes)) {
        return true;
      }
    }
    return false;
  }

  boolean isSpent() {
    return spent;
  }
}

package dev.hairpin.turnserver.policy;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// Bytes at a rate, for any thread. It is one number: until when what was taken is paid for. That
/// counts as lying behind the present by no more than the burst. An amount of `int` bytes costs
/// less than 2^51 ns at the lowest rate, so nothing overflows; times are compared by subtraction.
public final class TokenBucket {
  static final int MIN_BYTES_PER_SECOND = 1_000;

  /// Room for the largest datagram at any rate.
  private static final int MIN_BURST_BYTES = 1 << 17;

  private static final long NANOS = TimeUnit.SECONDS.toNanos(1);

  private final int bytesPerSecond;

  /// What is there at once after a pause.
  final long burstBytes;

  private final long burstNanos;
  private final AtomicLong paidUntilNanos;

  /// It is empty at first, so that nobody gains by coming anew.
  public TokenBucket(int bytesPerSecond, long nowNanos) {
    this.bytesPerSecond = bytesPerSecond;
    this.burstBytes = Math.max(bytesPerSecond / 2, MIN_BURST_BYTES);
    this.burstNanos = nanosOf(burstBytes);
    this.paidUntilNanos = new AtomicLong(nowNanos);
  }

  private long nanosOf(long bytes) {
    return bytes * NANOS / bytesPerSecond;
  }

  /// Takes bytes where there are as many.
  boolean take(long bytes, long nowNanos) {
    while (true) {
      long before = paidUntilNanos.get();
      long after = after(before, bytes, nowNanos);
      if (after - nowNanos > 0) {
        return false;
      }
      if (paidUntilNanos.compareAndSet(before, after)) {
        return true;
      }
    }
  }

  /// Takes bytes that are there already, and returns how long their taker has to wait for more.
  long charge(long bytes, long nowNanos) {
    long after =
        bytes == 0
            ? paidUntilNanos.get()
            : paidUntilNanos.updateAndGet(before -> after(before, bytes, nowNanos));
    return Math.max(0, after - nowNanos);
  }

  private long after(long before, long bytes, long nowNanos) {
    long earliest = nowNanos - burstNanos;
    return (before - earliest < 0 ? earliest : before) + nanosOf(bytes);
  }
}

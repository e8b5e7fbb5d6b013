package dev.hairpin.turnserver.server;

import dev.hairpin.turnserver.loop.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// A clock that stands still until the test moves it. The wall clock starts at the real time, for
/// the test client makes its credentials by that.
final class ManualClock implements Clock {
  private final AtomicLong nanos = new AtomicLong(TimeUnit.HOURS.toNanos(1));
  private final long wallStartSeconds = System.currentTimeMillis() / 1_000;

  void advance(Duration duration) {
    nanos.addAndGet(duration.toNanos());
  }

  @Override
  public long nanos() {
    return nanos.get();
  }

  @Override
  public long wallSeconds() {
    return wallStartSeconds;
  }
}

package dev.hairpin.turnserver.server;

import dev.hairpin.turnserver.auth.Moment;
import dev.hairpin.turnserver.loop.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/// A clock that stands still until the test moves it. The wall clock starts at the real time, for
/// the test client makes its credentials by that.
final class ManualClock implements Clock {
  private final AtomicLong nanos = new AtomicLong(TimeUnit.HOURS.toNanos(1));
  private final long wallStartSeconds = System.currentTimeMillis() / 1_000;

  private final AtomicReference<Runnable> atNextRequest = new AtomicReference<>(() -> {});

  /// Runs this once, on the loop of the next request that comes, before that is answered.
  void atNextRequest(Runnable task) {
    atNextRequest.set(task);
  }

  @Override
  public Moment now() {
    atNextRequest.getAndSet(() -> {}).run();
    return Clock.super.now();
  }

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

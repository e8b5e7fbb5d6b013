package dev.hairpin.turnserver.model;

import dev.hairpin.turnserver.loop.Clock;
import java.util.concurrent.TimeUnit;

/// Both clocks of a world, in step; they move when they are told to.
final class VirtualClock implements Clock {
  private static final long WALL_START_SECONDS = 1_900_000_000;
  private static final long START_SECONDS = 3_600;

  private long seconds = START_SECONDS;

  void advance(long more) {
    seconds += more;
  }

  long seconds() {
    return seconds;
  }

  @Override
  public long nanos() {
    return TimeUnit.SECONDS.toNanos(seconds);
  }

  @Override
  public long wallSeconds() {
    return WALL_START_SECONDS + seconds - START_SECONDS;
  }
}

package dev.hairpin.turnserver.loop;

import dev.hairpin.turnserver.auth.Moment;
import java.util.concurrent.TimeUnit;

/// Tells the time. Tests bring their own.
public interface Clock {
  /// Nanoseconds since a zero of its own; never negative, never going back.
  long nanos();

  /// Seconds since 1970.
  default long wallSeconds() {
    return TimeUnit.MILLISECONDS.toSeconds(System.currentTimeMillis());
  }

  default Moment now() {
    return new Moment(nanos(), wallSeconds());
  }

  /// The system's clocks.
  static Clock system() {
    long zero = System.nanoTime();
    return () -> System.nanoTime() - zero;
  }
}

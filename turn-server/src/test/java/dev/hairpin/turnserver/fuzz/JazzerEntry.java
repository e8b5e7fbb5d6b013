package dev.hairpin.turnserver.fuzz;

import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What Jazzer calls; its argument names the target. See deploy/dev/fuzz.
public final class JazzerEntry {
  private static @Nullable FuzzTarget target;

  private JazzerEntry() {}

  public static void fuzzerInitialize(String[] arguments) {
    target = Targets.valueOf(arguments[0].toUpperCase(Locale.ROOT)).open();
  }

  public static void fuzzerTestOneInput(byte[] input) {
    var taker = Objects.requireNonNull(target);
    taker.prepare();
    taker.take(input);
  }
}

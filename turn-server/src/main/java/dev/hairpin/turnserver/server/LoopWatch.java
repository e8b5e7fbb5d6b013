package dev.hairpin.turnserver.server;

import dev.hairpin.turnserver.loop.RelayLoop;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has the loops of a server look for what has run out, each time it is run, and sees whether they
/// come round. It counts looks, not time: a process that was stopped for a while has no stuck
/// loops.
final class LoopWatch implements Runnable {
  static final int INTERVAL_MILLIS = 250;
  private static final int MISSED_BEATS = 20;
  private static final Logger LOG = LoggerFactory.getLogger(LoopWatch.class);

  private final List<RelayLoop> loops;
  private final Runnable onStuck;
  private final int[] missed;

  LoopWatch(List<RelayLoop> loops, Runnable onStuck) {
    this.loops = loops;
    this.onStuck = onStuck;
    this.missed = new int[loops.size()];
  }

  @Override
  public void run() {
    for (int i = 0; i < missed.length; i++) {
      missed[i] = loops.get(i).tick() ? 0 : missed[i] + 1;
      if (missed[i] == MISSED_BEATS) {
        LOG.error("a loop does not come round");
        Thread.getAllStackTraces().forEach(LoopWatch::tell);
        tellStuck();
      }
    }
  }

  /// Whatever is thrown there must not end the watch.
  private void tellStuck() {
    try {
      onStuck.run();
    } catch (RuntimeException e) {
      LOG.error("a loop is stuck, and so is what was to be done about it", e);
    }
  }

  private static void tell(Thread thread, StackTraceElement[] stack) {
    if (thread.getName().startsWith("hairpin")) {
      LOG.error("{} is at {}", thread.getName(), List.of(stack));
    }
  }
}

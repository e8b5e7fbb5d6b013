package dev.hairpin.turnserver.server;

import dev.hairpin.turnserver.loop.RelayLoop;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sees, each time it is run, whether the loops of a server come round. It counts looks, not time:
/// a process that was stopped for a while has no stuck loops.
final class LoopWatch implements Runnable {
  private static final int MISSED_BEATS = 5;
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
      missed[i] = loops.get(i).hasBeaten() ? 0 : missed[i] + 1;
      if (missed[i] == MISSED_BEATS) {
        LOG.error("a loop does not come round");
        Thread.getAllStackTraces().forEach(LoopWatch::tell);
        onStuck.run();
      }
    }
  }

  private static void tell(Thread thread, StackTraceElement[] stack) {
    if (thread.getName().startsWith("hairpin")) {
      LOG.error("{} is at {}", thread.getName(), List.of(stack));
    }
  }
}

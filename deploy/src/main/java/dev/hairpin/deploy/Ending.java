package dev.hairpin.deploy;

import dev.hairpin.deploy.log.LogQueue;
import dev.hairpin.deploy.serve.Servers;
import dev.hairpin.turnserver.server.TurnServer;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The end of a process. The first signal lets nobody new in and waits for those who are there; the
/// second ends it, whatever happens.
final class Ending {
  private static final Logger LOG = LoggerFactory.getLogger(Ending.class);
  private static final long LOOK_MILLIS = 50;
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final Semaphore wishes = new Semaphore(0);
  private final AtomicInteger count = new AtomicInteger();

  /// Wishes for the end, from any thread.
  void wish() {
    wishes.release();
    if (count.incrementAndGet() == 2) {
      Thread.ofPlatform().daemon().name("hairpin-end").start(Ending::insist);
    }
  }

  /// Where the servers do not stop in order, they stop without.
  private static void insist() {
    try {
      Thread.sleep(PATIENCE);
    } catch (InterruptedException _) {
      // then at once
    }
    LogQueue.flush();
    Runtime.getRuntime().halt(1);
  }

  /// Returns when the servers have been closed.
  void await(Servers servers, Duration drainTimeout) throws InterruptedException {
    wishes.acquire();
    var turn = servers.turn();
    if (turn.isPresent()) {
      drain(turn.get(), drainTimeout);
    }
    servers.close();
    LOG.info("stopped");
  }

  private void drain(TurnServer turn, Duration timeout) throws InterruptedException {
    long began = System.nanoTime();
    turn.drain();
    long left = turn.telemetry().liveAllocations();
    if (left > 0 && timeout.isPositive()) {
      LOG.info(
          "drains {} allocations, for {} s at most; a second signal ends them at once",
          left,
          timeout.toSeconds());
    }
    while (turn.telemetry().liveAllocations() > 0
        && System.nanoTime() - began < timeout.toNanos()
        && !wishes.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
      // looks again
    }
  }
}

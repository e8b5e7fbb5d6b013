package dev.hairpin.credentialapi.usage;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries usage from the ledger to the database and asks the database for it, on one daemon thread
/// that alone may have to wait for it. The database is opened when it is first needed; where it is
/// gone, the ledger keeps what comes, and the thread tries again, ever more seldom.
public final class UsageKeeper implements AutoCloseable {
  static final Duration ANSWER_PATIENCE = Duration.ofMillis(2_500);
  static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
  static final Duration MIN_PAUSE = Duration.ofSeconds(1);
  static final Duration MAX_PAUSE = Duration.ofMinutes(1);
  private static final int MAX_WAITING_CALLERS = 16;
  private static final Logger LOG = LoggerFactory.getLogger(UsageKeeper.class);

  private final UsageLedger ledger = new UsageLedger();
  private final Supplier<UsageStore> opener;
  private final Duration retention;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final RandomGenerator jitter = new SecureRandom();
  private final Semaphore callers = new Semaphore(MAX_WAITING_CALLERS);
  private final ScheduledThreadPoolExecutor thread;

  private @Nullable UsageStore store;
  private volatile Duration pause = Duration.ZERO;
  private long retryNanos;
  private volatile boolean isDown;

  /// Does nothing by itself.
  ///
  /// @param opener of the database; throws where it is not there
  /// @param nanoTime by which it is tried again
  UsageKeeper(
      Supplier<UsageStore> opener, Duration retention, InstantSource clock, LongSupplier nanoTime) {
    this.opener = opener;
    this.retention = retention;
    this.clock = clock;
    this.nanoTime = nanoTime;
    thread =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("hairpin-storage").factory());
    thread.setRemoveOnCancelPolicy(true);
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /// Starts to store.
  ///
  /// @param opener of the database; throws where it is not there
  /// @param interval between two looks at the ledger
  /// @param retention how long usage is kept
  public static UsageKeeper start(
      Supplier<UsageStore> opener, Duration interval, Duration retention) {
    var keeper = new UsageKeeper(opener, retention, InstantSource.system(), System::nanoTime);
    keeper.schedule(interval);
    return keeper;
  }

  private void schedule(Duration interval) {
    long millis = (isDown ? pause : interval).toMillis();
    var _ = thread.schedule(() -> flushAndSchedule(interval), millis, TimeUnit.MILLISECONDS);
  }

  private void flushAndSchedule(Duration interval) {
    try {
      flush();
    } finally { // whatever a driver throws, it is tried again
      if (!thread.isShutdown()) {
        schedule(interval);
      }
    }
  }

  /// What is to be stored goes in there.
  public UsageLedger ledger() {
    return ledger;
  }

  /// Whether the database did its part when it was last asked to.
  public boolean isUp() {
    return !isDown;
  }

  /// Stores what waits, unless it is too early to try again; says whether all of it is stored.
  synchronized boolean flush() {
    boolean isTooEarly = isDown && nanoTime.getAsLong() - retryNanos < 0;
    return !isTooEarly && store();
  }

  private synchronized boolean store() {
    try {
      boolean writes = false;
      for (var batch = ledger.next(); batch != null; batch = ledger.next()) {
        open().add(batch);
        ledger.settle();
        writes = true;
      }
      if (writes || isDown) {
        open().prune(clock.instant().minus(retention).getEpochSecond());
      }
      up();
      return true;
    } catch (RuntimeException | Error e) {
      down(e);
      return false;
    }
  }

  private UsageStore open() {
    var opened = store;
    if (opened == null) {
      opened = opener.get();
      store = opened;
    }
    return opened;
  }

  private void up() {
    if (isDown) {
      LOG.info("usage is stored again");
    }
    isDown = false;
    pause = Duration.ZERO;
  }

  private void down(Throwable e) {
    if (!isDown) {
      LOG.warn("usage cannot be stored now, and is kept in memory until it can: {}", reason(e));
    }
    isDown = true;
    long longest = Math.clamp(2 * pause.toMillis(), MIN_PAUSE.toMillis(), MAX_PAUSE.toMillis());
    long millis = Math.max(MIN_PAUSE.toMillis(), jitter.nextLong(longest / 2, longest + 1));
    pause = Duration.ofMillis(millis);
    retryNanos = nanoTime.getAsLong() + pause.toNanos();
  }

  /// Messages of other exceptions may quote anything.
  private static String reason(Throwable e) {
    return e instanceof StorageException known
        ? String.valueOf(known.getMessage())
        : e.getClass().getName();
  }

  /// What was used, up to this moment. Waits for some seconds at most.
  ///
  /// @throws StorageException where the database does not answer
  public List<UsageRow> find(UsageQuery query) {
    if (!callers.tryAcquire()) {
      throw gone();
    }
    try {
      var answer = thread.submit(() -> answer(query));
      try {
        return answer.get(ANSWER_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      } finally {
        answer.cancel(false);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw gone();
    } catch (ExecutionException | TimeoutException | RuntimeException _) {
      throw gone();
    } finally {
      callers.release();
    }
  }

  private synchronized List<UsageRow> answer(UsageQuery query) {
    if (!flush()) {
      throw gone();
    }
    try {
      return open().find(query);
    } catch (RuntimeException e) {
      down(e);
      throw e;
    }
  }

  private StorageException gone() {
    long seconds = Math.max(MIN_PAUSE.toSeconds(), pause.toSeconds());
    return new StorageException("the database does not answer", seconds);
  }

  /// Stores what waits and closes the database, in some seconds at most: a database that hangs is
  /// left to itself.
  @Override
  public void close() {
    if (thread.isShutdown()) {
      return;
    }
    thread.execute(this::end);
    thread.shutdown();
    try {
      var _ = thread.awaitTermination(CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    int lost = ledger.waiting();
    if (lost > 0) {
      LOG.error("{} rows of usage are lost: the database has not taken them", lost);
    }
  }

  private synchronized void end() {
    store();
    if (store != null) {
      store.close();
    }
  }
}

package dev.hairpin.credentialapi.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.hairpin.credentialapi.usage.UsageQuery.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(60)
class UsageKeeperTest {
  private static final Instant NOW = Instant.parse("2026-11-21T03:00:00Z");
  private static final Usage ONE = new Usage(1, 2, 3, 4, 5, 6);
  private static final UsageQuery ALL =
      new UsageQuery(null, null, 0, Long.MAX_VALUE, Step.HOUR, 10, null);

  private final FakeStore store = new FakeStore();
  private final AtomicLong nanos = new AtomicLong();
  private final UsageKeeper keeper =
      new UsageKeeper(store::open, Duration.ofDays(400), () -> NOW, nanos::get);

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(UsageKeeper.class);

  @BeforeEach
  void listen() {
    logger.setLevel(Level.INFO);
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void stop() {
    store.hanging.countDown();
    logger.detachAppender(log);
    logger.setLevel(null);
  }

  @Test
  void theDatabaseIsOpenedWhenThereIsSomethingToWrite() {
    assertTrue(keeper.flush());
    assertEquals(0, store.opened);
    add();
    assertTrue(keeper.flush());
    assertTrue(keeper.flush());
    assertEquals(1, store.opened);
    assertEquals(1, store.batches.size());
  }

  @Test
  void aDatabaseThatIsGoneIsTriedEverMoreSeldomAndToldOnce() {
    store.failure = "gone";
    add();
    var pauses = new ArrayList<Duration>();
    long last = 0;
    for (int second = 0; second < 900; second++) {
      int before = store.opened;
      keeper.flush();
      if (store.opened > before) {
        pauses.add(Duration.ofNanos(nanos.get() - last));
        last = nanos.get();
      }
      nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    }
    var waits = pauses.subList(1, pauses.size());
    assertTrue(waits.getFirst().compareTo(Duration.ofSeconds(2)) <= 0, waits::toString);
    assertTrue(waits.size() < 60, waits::toString);
    assertTrue(waits.stream().allMatch(w -> w.toSeconds() <= 61), waits::toString);
    assertTrue(waits.getLast().compareTo(Duration.ofSeconds(25)) > 0, waits::toString);
    assertEquals(
        List.of("WARN usage cannot be stored now, and is kept in memory until it can: gone"),
        told());
    assertFalse(keeper.isUp());
  }

  @Test
  void whatCameMeanwhileIsStoredOnceItIsBack() {
    add();
    keeper.flush();
    store.failure = "gone";
    for (int i = 0; i < 1_000; i++) {
      add();
      keeper.flush();
    }
    assertEquals(2, keeper.ledger().waiting()); // what was sent once, and the rest in one row
    store.failure = null;
    assertFalse(keeper.flush(), "too early");
    nanos.addAndGet(UsageKeeper.MAX_PAUSE.toNanos());
    assertTrue(keeper.flush());
    assertEquals(1_001, store.allocations());
    assertEquals(2, told().size());
    assertEquals("INFO usage is stored again", told().getLast());
    assertTrue(keeper.isUp());
  }

  @Test
  void aBatchWhoseFateIsUnknownComesAgainUnderItsNumber() {
    store.storesAndFails = true;
    add();
    assertFalse(keeper.flush());
    add();
    store.storesAndFails = false;
    nanos.addAndGet(UsageKeeper.MAX_PAUSE.toNanos());
    assertTrue(keeper.flush());
    assertEquals(List.of(1L, 1L, 2L), store.batches.stream().map(UsageBatch::sequence).toList());
    assertEquals(store.batches.get(0), store.batches.get(1));
    assertEquals(2, store.allocations());
  }

  @Test
  void anAnswerHoldsWhatWasAddedUntilNow() {
    add();
    assertEquals(1, keeper.find(ALL).size());
    assertEquals(1, store.allocations());
  }

  @Test
  void whoAsksADatabaseThatIsGoneIsToldWhenToComeAgainWithoutItsBeingTried() {
    store.failure = "gone";
    assertThrows(StorageException.class, () -> keeper.find(ALL));
    int opened = store.opened;
    var e = assertThrows(StorageException.class, () -> keeper.find(ALL));
    assertEquals(1, e.retrySeconds());
    assertEquals(opened, store.opened);
  }

  @Test
  void whoAsksADatabaseThatHangsIsToldWithinThreeSecondsHoweverManyAsk() {
    store.hangs = true;
    add();
    long began = System.nanoTime();
    var callers =
        IntStream.range(0, 200)
            .mapToObj(
                _ ->
                    CompletableFuture.runAsync(
                        () -> assertThrows(StorageException.class, () -> keeper.find(ALL)),
                        task -> Thread.ofVirtual().start(task)))
            .toList();
    callers.forEach(CompletableFuture::join);
    long took = System.nanoTime() - began;
    assertTrue(took < Duration.ofSeconds(3).toNanos(), () -> took + " ns");
    assertEquals(1, store.calls, "nobody waits in line any more");
  }

  @Test
  void theEndStoresWhatWaitsAndClosesTheDatabase() {
    add();
    keeper.close();
    assertEquals(1, store.allocations());
    assertTrue(store.isClosed);
    keeper.close();
    assertThrows(StorageException.class, () -> keeper.find(ALL));
  }

  @Test
  void theEndTriesOnceMoreEvenWhereItIsEarly() {
    store.failure = "gone";
    add();
    keeper.flush();
    store.failure = null;
    keeper.close();
    assertEquals(1, store.allocations());
  }

  @Test
  void theEndDoesNotWaitLongForADatabaseThatHangsAndSaysWhatIsLost() {
    store.hangs = true;
    add();
    long began = System.nanoTime();
    keeper.close();
    long took = System.nanoTime() - began;
    assertTrue(took < Duration.ofMillis(5_500).toNanos(), () -> took + " ns");
    assertEquals(
        List.of("ERROR 1 rows of usage are lost: the database has not taken them"), told());
  }

  @Test
  void whatOtherExceptionsSayIsNotTold() {
    store.surprise = new IllegalStateException("jdbc:postgresql://host/?password=secret");
    add();
    keeper.flush();
    assertTrue(told().getFirst().endsWith(": java.lang.IllegalStateException"), told()::toString);
  }

  @Test
  void anErrorOfADriverIsAnOutageLikeAnyOther() {
    store.error = new NoClassDefFoundError("driver");
    add();
    assertFalse(keeper.flush());
    assertFalse(keeper.isUp());
    store.error = null;
    nanos.addAndGet(UsageKeeper.MAX_PAUSE.toNanos());
    assertTrue(keeper.flush());
    assertEquals(1, store.allocations());
  }

  private void add() {
    keeper.ledger().add("", "alice", NOW, ONE);
  }

  private List<String> told() {
    return log.list.stream().map(e -> e.getLevel() + " " + e.getFormattedMessage()).toList();
  }

  /// A database whose faults are switched on.
  private static final class FakeStore implements UsageStore {
    private final CountDownLatch hanging = new CountDownLatch(1);
    private final List<UsageBatch> batches = new ArrayList<>();
    private @Nullable String failure;
    private @Nullable RuntimeException surprise;
    private @Nullable Error error;
    private boolean storesAndFails;
    private volatile boolean hangs;
    private int calls;
    private int opened;
    private boolean isClosed;

    UsageStore open() {
      opened++;
      fail();
      return this;
    }

    private void fail() {
      if (failure != null) {
        throw new StorageException(failure);
      }
      if (surprise != null) {
        throw surprise;
      }
      if (error != null) {
        throw error;
      }
    }

    @Override
    public void add(UsageBatch batch) {
      calls++;
      if (hangs) {
        hang();
      }
      fail();
      batches.add(batch);
      if (storesAndFails) {
        throw new StorageException("the connection broke");
      }
    }

    private void hang() {
      try {
        hanging.await();
      } catch (InterruptedException e) {
        throw new StorageException("interrupted");
      }
    }

    long allocations() {
      return batches.stream()
          .distinct()
          .flatMap(batch -> batch.rows().stream())
          .mapToLong(row -> row.usage().allocations())
          .sum();
    }

    @Override
    public List<UsageRow> find(UsageQuery query) {
      return batches.stream().flatMap(batch -> batch.rows().stream()).toList();
    }

    @Override
    public void prune(long beforeSeconds) {
      fail();
    }

    @Override
    public void close() {
      isClosed = true;
    }
  }
}

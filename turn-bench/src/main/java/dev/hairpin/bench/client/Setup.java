package dev.hairpin.bench.client;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// How the clients came to their allocations. Loops report here.
public final class Setup {
  private static final long MAX_NANOS = 60_000_000_000L;

  private final Histogram latency = new Histogram(MAX_NANOS, 3);
  private final CountDownLatch left;
  private long began = System.nanoTime();
  private long ended = began;
  private int failed;
  private @Nullable String failure;
  private @Nullable String software;
  private volatile boolean abandoned;

  Setup(int clients) {
    left = new CountDownLatch(clients);
  }

  synchronized void begin() {
    began = System.nanoTime();
  }

  synchronized void settled(long nanos, @Nullable String why, @Nullable String name) {
    if (why == null) {
      latency.recordValue(Math.min(nanos, MAX_NANOS));
    } else {
      failed++;
      failure = failure == null ? why : failure;
    }
    software = name == null ? software : name;
    ended = System.nanoTime();
    left.countDown();
  }

  boolean await(long millis) throws InterruptedException {
    return left.await(millis, TimeUnit.MILLISECONDS);
  }

  /// No more clients are opened.
  void abandon() {
    abandoned = true;
  }

  boolean isAbandoned() {
    return abandoned;
  }

  /// Clients that have a channel.
  public synchronized long allocations() {
    return latency.getTotalCount();
  }

  public synchronized int failed() {
    return failed;
  }

  /// Why the first of those failed, or null.
  public synchronized @Nullable String failure() {
    return failure;
  }

  /// What the server calls itself, or null.
  public synchronized @Nullable String software() {
    return software;
  }

  public synchronized double perSecond() {
    return allocations() * 1e9 / Math.max(ended - began, 1);
  }

  /// From a client's first packet to its channel, in nanoseconds.
  public synchronized Histogram latency() {
    return latency.copy();
  }
}

package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.net.SourceBudget;
import dev.hairpin.turnserver.net.SourceCount;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Bounds what strangers take by TCP and TLS, over all loops: connections, and the computing of TLS
/// handshakes, which never runs on a loop.
public final class StreamGate implements AutoCloseable {
  private static final int HANDSHAKE_THREADS =
      Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

  /// What waits for a thread; at 3 ms each the last one waits for less than a second.
  private static final int HANDSHAKE_QUEUE = 256 * HANDSHAKE_THREADS;

  private final int max;
  private final AtomicInteger strangers = new AtomicInteger();

  /// The connections of each source.
  final SourceCount ofSource;

  /// Places for connections that an HTTP server keeps: half of all.
  final Semaphore ofHttp;

  /// That each source may begin.
  final SourceBudget handshakes;

  /// Refuses what it has no room for.
  final ThreadPoolExecutor handshakers =
      new ThreadPoolExecutor(
          HANDSHAKE_THREADS,
          HANDSHAKE_THREADS,
          10,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(HANDSHAKE_QUEUE),
          new DefaultThreadFactory("hairpin-tls", true));

  public StreamGate(StreamSettings.Strangers limits) {
    this.max = limits.total();
    this.ofHttp = new Semaphore(max == 0 ? Integer.MAX_VALUE : max / 2);
    this.ofSource = new SourceCount(limits.perSource());
    this.handshakes = SourceBudget.perSecond(limits.handshakes());
    handshakers.allowCoreThreadTimeOut(true);
  }

  /// Counts a connection; false where there are more than may be.
  boolean enter() {
    return strangers.incrementAndGet() <= max || max == 0;
  }

  void leave() {
    strangers.decrementAndGet();
  }

  @Override
  public void close() {
    handshakers.shutdownNow();
  }
}

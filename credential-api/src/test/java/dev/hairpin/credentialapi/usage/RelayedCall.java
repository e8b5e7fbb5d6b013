package dev.hairpin.credentialapi.usage;

import dev.hairpin.credentialapi.TurnScene;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// A client that sends through a TURN server and hears its echo, some hundred times a second, each
/// of which is written into a ledger.
public final class RelayedCall implements AutoCloseable {
  public static final Instant NOW = Instant.parse("2026-11-21T03:00:00Z");
  public static final int BYTES = 160;

  private static final int CHANNEL = 0x4000;
  private static final int USERS = 50;
  private static final long PAUSE_NANOS = 1_000_000;

  private final TurnScene scene = TurnScene.start();
  private final TestTurnClient client = scene.client("alice");
  private final UsageLedger ledger;
  private final CompletableFuture<Void> running;
  private volatile boolean isOver;
  private final AtomicLong packets = new AtomicLong();

  public RelayedCall(UsageLedger ledger) {
    this.ledger = ledger;
    client.allocate();
    client.bind(CHANNEL, scene.peer.address());
    running =
        CompletableFuture.runAsync(this::talk, task -> Thread.ofPlatform().daemon().start(task));
  }

  private void talk() {
    while (!isOver) {
      client.sendOnChannel(CHANNEL, Bytes.utf8("x".repeat(BYTES)));
      if (!(client.receive() instanceof Delivery.OnChannel)) {
        throw new AssertionError("another message came");
      }
      ledger.add("", "user" + packets.get() % USERS, NOW, new Usage(0, 0, BYTES, BYTES, 1, 1));
      packets.incrementAndGet();
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /// So far, and each came back.
  public long packets() {
    if (running.isCompletedExceptionally()) {
      running.join();
    }
    return packets.get();
  }

  /// Stops to talk; fails if a packet was lost.
  public long end() {
    isOver = true;
    running.join();
    return packets.get();
  }

  /// What the server relayed to the peer.
  public long relayedBytes() {
    return scene.turn.telemetry().get(Counter.TO_PEER_BYTES);
  }

  @Override
  public void close() {
    isOver = true;
    scene.close();
  }
}

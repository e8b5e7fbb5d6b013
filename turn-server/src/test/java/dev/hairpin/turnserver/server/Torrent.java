package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// Writes a long row of bytes from a thread of its own, as far as it is let.
final class Torrent {
  private static final int CHUNK = 32 << 10;
  private static final Duration STANDSTILL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final AtomicLong written = new AtomicLong();

  /// Takes bytes, or waits until it can.
  interface Sink {
    void write(byte[] bytes) throws IOException;
  }

  Torrent(int total, Sink sink) {
    Thread.ofPlatform()
        .daemon()
        .name("torrent")
        .start(
            () -> {
              try {
                for (int at = 0; at < total; at += CHUNK) {
                  sink.write(row(at, Math.min(CHUNK, total - at)));
                  written.addAndGet(CHUNK);
                }
              } catch (IOException e) {
                throw new AssertionError("after " + written, e);
              }
            });
  }

  /// The bytes of every row from this place on.
  static byte[] row(int from, int count) {
    var bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      int at = from + i;
      bytes[i] = (byte) (at ^ (at >> 7) ^ (at >> 15));
    }
    return bytes;
  }

  /// Waits until nothing has been taken for a while, and tells how much was before.
  long awaitStandstill() {
    var last = new AtomicLong(-1);
    var since = new AtomicLong(System.nanoTime());
    Await.until(
        PATIENCE,
        () -> {
          long now = written.get();
          if (last.getAndSet(now) != now) {
            since.set(System.nanoTime());
          }
          return System.nanoTime() - since.get() > STANDSTILL.toNanos();
        },
        () -> "the sender has to wait; it wrote " + written);
    return written.get();
  }

  /// Gives bytes, exactly so many.
  interface Source {
    byte[] read(int count) throws IOException;
  }

  /// Reads a whole row, which must be complete and in order.
  static void assertArrives(int total, Source source) throws IOException {
    for (int at = 0; at < total; at += CHUNK) {
      int count = Math.min(CHUNK, total - at);
      assertEquals(Bytes.of(row(at, count)), Bytes.of(source.read(count)), "from " + at);
    }
  }
}

package dev.hairpin.turnserver.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// What the threads of loops ask the system for.
class UdpModeTest {
  private static final Path SCHEDULING = Path.of("/proc/thread-self/sched");

  @Test
  void aNativeLoopAsksForShortSlices() throws Exception {
    assumeTrue(slice() > 0 && isSince(6, 12), "this kernel gives no slices of one's own");
    var loops = UdpMode.NATIVE.loops(1);
    try {
      var loop = loops.next();
      long before = loop.submit(UdpModeTest::slice).get();
      long after =
          loop.submit(
                  () -> {
                    var engine = UdpEngine.of(loop, new Unheard());
                    long asked = slice();
                    engine.close();
                    return asked;
                  })
              .get();
      assertEquals(List.of(slice(), Libc.SLICE_NANOS), List.of(before, after));
    } finally {
      loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
  }

  /// Of this thread, in nanoseconds, as the kernel tells it; 0 where it does not.
  private static long slice() throws Exception {
    if (!Files.exists(SCHEDULING)) {
      return 0;
    }
    return Files.readAllLines(SCHEDULING).stream()
        .filter(line -> line.startsWith("se.slice"))
        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
        .findFirst()
        .orElse(0);
  }

  private static boolean isSince(int major, int minor) {
    var version = System.getProperty("os.version", "0.0").split("[.-]", -1);
    int first = Integer.parseInt(version[0]);
    return first > major || (first == major && Integer.parseInt(version[1]) >= minor);
  }
}

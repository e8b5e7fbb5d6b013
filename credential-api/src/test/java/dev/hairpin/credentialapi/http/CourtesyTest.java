package dev.hairpin.credentialapi.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.credentialapi.TurnScene;
import dev.hairpin.turnserver.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Which threads give way, as Linux tells of the threads of this process.
class CourtesyTest {
  /// The field of `/proc/…/stat`, counted from the one behind the name.
  private static final int NICE = 16;

  @Test
  void whatServesHttpGivesWayToWhatRelays() {
    var before = niceness("");
    try (var _ = TurnScene.start()) {
      Await.until(
          Duration.ofSeconds(10),
          () -> since(before, "default-nio").equals(Set.of(Courtesy.NICE)),
          () -> "HTTP runs at " + since(before, "default-nio"));
      assertEquals(Set.of(0), since(before, "hairpin-loop"));
    }
  }

  private static Set<Integer> since(Map<String, Integer> before, String name) {
    var niceness = niceness(name);
    niceness.keySet().removeAll(before.keySet());
    return Set.copyOf(niceness.values());
  }

  /// Of each thread whose name has a part.
  private static Map<String, Integer> niceness(String name) {
    var niceness = new TreeMap<String, Integer>();
    try (var threads = Files.list(Path.of("/proc/self/task"))) {
      for (var thread : threads.toList()) {
        try {
          String stat = Files.readString(thread.resolve("stat"));
          if (stat.contains(name)) {
            var behindName = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            niceness.put(thread.toString(), Integer.valueOf(behindName[NICE]));
          }
        } catch (IOException _) {
          // it has ended meanwhile
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return niceness;
  }
}

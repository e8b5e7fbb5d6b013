package dev.hairpin.bench.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerProcessTest {
  @TempDir Path home;

  @Test
  void theTimeOfEveryThreadCounts() throws IOException {
    thread("1", "1500 20 3");
    thread("2", "500 7 1");
    assertEquals(OptionalLong.of(2_000), new ServerProcess(home).cpuNanos());
  }

  @Test
  void memoryIsThatOfTheExactFileWhereItMayBeRead() throws IOException {
    Files.writeString(home.resolve("status"), "Name:\tx\nVmRSS:\t  2048 kB\n");
    assertEquals(OptionalLong.of(2_048 << 10), new ServerProcess(home).residentBytes());
    Files.writeString(home.resolve("smaps_rollup"), "0-1 ---p 0 [rollup]\nRss:    3072 kB\n");
    assertEquals(OptionalLong.of(3_072 << 10), new ServerProcess(home).residentBytes());
  }

  @Test
  void aProcessThatHasGoneTellsNothing() {
    var process = new ServerProcess(home.resolve("gone"));
    assertFalse(process.isReadable());
    assertEquals(OptionalLong.empty(), process.cpuNanos());
    assertEquals(OptionalLong.empty(), process.residentBytes());
  }

  @Test
  void thisProcessSpendsTimeAndHasMemory() {
    var process = new ServerProcess(ProcessHandle.current().pid());
    assertTrue(process.isReadable());
    assertTrue(process.cpuNanos().orElseThrow() > 0);
    assertTrue(process.residentBytes().orElseThrow() > 1 << 20);
  }

  private void thread(String id, String schedstat) throws IOException {
    var task = Files.createDirectories(home.resolve("task").resolve(id));
    Files.writeString(task.resolve("schedstat"), schedstat);
  }
}

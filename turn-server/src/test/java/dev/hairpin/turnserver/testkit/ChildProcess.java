package dev.hairpin.turnserver.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/// A program that runs beside the test and ends with it at the latest.
public final class ChildProcess implements AutoCloseable {
  private final Process process;
  private final Thread reader;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  private ChildProcess(Process process) {
    this.process = process;
    this.reader =
        Thread.ofPlatform()
            .daemon()
            .name("output of " + process.pid())
            .start(() -> process.inputReader().lines().forEach(lines::add));
  }

  /// Starts a program, whose name is looked up in the PATH.
  public static ChildProcess start(List<String> command) {
    try {
      return new ChildProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
    } catch (IOException e) {
      throw new UncheckedIOException(
          command.getFirst() + " is needed; deploy/dev/test knows what brings it", e);
    }
  }

  /// What it has said so far, errors included.
  public List<String> output() {
    return List.copyOf(lines);
  }

  /// Gives it a line to read.
  public void tell(String line) {
    try {
      var writer = process.outputWriter();
      writer.write(line);
      writer.newLine();
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /// Waits for a line that it says.
  public void awaitLine(String text, Duration patience) {
    Await.until(patience, () -> lines.contains(text) || !isAlive(), () -> text + " in " + lines);
    joinReaderIfDead();
    Expect.that(lines.contains(text), "it ended without saying '" + text + "': ", lines);
  }

  /// Waits for its end and for all of its output; returns its exit code.
  public int awaitExit(Duration patience) {
    try {
      Expect.that(
          process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS), "still runs: ", lines);
      reader.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
    return process.exitValue();
  }

  /// Asks it to end, and waits for that and for all of its output; returns its exit code.
  public int stop(Duration patience) {
    process.toHandle().destroy(); // unlike Process.destroy(), leaves its output readable
    return awaitExit(patience);
  }

  private void joinReaderIfDead() {
    if (!isAlive()) {
      awaitExit(Duration.ofSeconds(1));
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}

package dev.hairpin.deploy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `hairpin serve` in a process of its own, which keeps its data in a folder of the test's.
final class RunningProgram implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 30;

  private final Process process;
  private final Path errors;
  private final String out;

  private RunningProgram(Process process, Path errors) throws IOException {
    this.process = process;
    this.errors = errors;
    this.out = readSummary(process.inputReader(StandardCharsets.UTF_8));
  }

  /// Returns when it has printed its summary, or has ended.
  static RunningProgram serve(Distribution distribution, Path xdgData, String... options)
      throws IOException {
    var errors = Files.createTempFile(distribution.home(), "stderr", "");
    return serve(distribution, xdgData, errors, options);
  }

  /// Writes its log to a file of the caller's choice.
  static RunningProgram serve(
      Distribution distribution, Path xdgData, Path errors, String... options) throws IOException {
    return serve(distribution, Map.of("XDG_DATA_HOME", xdgData.toString()), errors, options);
  }

  /// With variables of the environment.
  static RunningProgram serve(
      Distribution distribution, Map<String, String> variables, Path errors, String... options)
      throws IOException {
    var command = new ArrayList<>(List.of(distribution.program().toString(), "serve"));
    command.addAll(List.of(options));
    var builder = new ProcessBuilder(command).redirectError(errors.toFile());
    builder.environment().putAll(variables);
    return new RunningProgram(builder.start(), errors);
  }

  private static String readSummary(BufferedReader reader) throws IOException {
    var text = new StringBuilder();
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      text.append(line).append('\n');
      if (line.startsWith("Stop it:")) {
        break;
      }
    }
    return text.toString();
  }

  String out() {
    return out;
  }

  String err() {
    try {
      return Files.readString(errors);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Sends a signal by its name, like TERM.
  void signal(String name) throws IOException, InterruptedException {
    var kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    if (kill.waitFor() != 0) {
      throw new AssertionError("cannot send " + name);
    }
  }

  /// The first group of a pattern in what was printed.
  String find(String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(out);
    if (!matcher.find()) {
      throw new AssertionError(pattern + " is not in:\n" + out + err());
    }
    return matcher.group(1);
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  /// Sends SIGTERM and gives the exit code.
  int stop() throws InterruptedException {
    process.destroy();
    return exitCode();
  }

  int exitCode() throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("it does not end");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}

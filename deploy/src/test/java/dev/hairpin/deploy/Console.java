package dev.hairpin.deploy;

import java.io.PrintWriter;
import java.io.StringWriter;

/// Runs a command in this process and keeps what it prints.
record Console(int exitCode, String out, String err) {
  static Console run(String... args) {
    var out = new StringWriter();
    var err = new StringWriter();
    int exitCode =
        Hairpin.commandLine(new PrintWriter(out, true), new PrintWriter(err, true)).execute(args);
    return new Console(exitCode, out.toString(), err.toString());
  }
}

package dev.hairpin.deploy.config;

import java.nio.file.Path;

/// Where a value comes from; errors begin with it.
public sealed interface Origin {
  /// What an error text begins with, for a key.
  String blame(String key);

  /// A line of the configuration file.
  record Line(Path file, int number) implements Origin {
    @Override
    public String blame(String key) {
      return this + ": " + key;
    }

    @Override
    public String toString() {
      return file + ":" + number;
    }
  }

  /// An option of the command line, which names the key well enough.
  record Flag(String name) implements Origin {
    @Override
    public String blame(String key) {
      return name;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /// Nobody wrote it.
  enum Unwritten implements Origin {
    DEFAULT("default"),
    FOUND("chosen for this machine");

    private final String text;

    Unwritten(String text) {
      this.text = text;
    }

    @Override
    public String blame(String key) {
      return key;
    }

    @Override
    public String toString() {
      return text;
    }
  }
}

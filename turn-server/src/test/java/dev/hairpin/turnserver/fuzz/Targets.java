package dev.hairpin.turnserver.fuzz;

import dev.hairpin.turnserver.testkit.Resources;
import dev.hairpin.turnserver.transport.StreamTarget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// Every target of this module, by the name of its corpus.
enum Targets {
  MESSAGE {
    @Override
    FuzzTarget open() {
      return new MessageTarget();
    }
  },
  SERVER {
    @Override
    FuzzTarget open() {
      return new ServerTarget();
    }
  },
  STREAM {
    @Override
    FuzzTarget open() {
      return StreamTarget.ofClients();
    }
  },
  PROXY {
    @Override
    FuzzTarget open() {
      return StreamTarget.behindBalancer();
    }
  },
  USERNAME {
    @Override
    FuzzTarget open() {
      return new UsernameTarget();
    }
  };

  /// It is used until the process ends.
  abstract FuzzTarget open();

  String folder() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The files of the corpus, by name.
  List<Path> corpus() {
    try {
      var folder = Resources.class.getResource("/fuzz/" + folder());
      if (folder == null) {
        throw new AssertionError("no corpus for " + this);
      }
      try (var files = Files.list(Path.of(folder.toURI()))) {
        return files.sorted().toList();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  List<byte[]> seeds() {
    return corpus().stream().map(Targets::read).toList();
  }

  static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package dev.hairpin.credentialapi.auth;

import dev.hairpin.credentialapi.OwnerOnly;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The file of a key ring: a key a line. It is replaced as a whole, so that nobody ever reads half
/// of one; a lock file keeps two writers from undoing each other's work.
record KeyRingFile(Path path) {
  private static final int MAX_BYTES = 8 << 20;
  private static final int MAX_KEYS = 10_000;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /// Tells whether a file is another than before, without reading it.
  record Stamp(FileTime modified, long size, @Nullable Object inode) {
    static final Stamp NONE = new Stamp(FileTime.fromMillis(0), -1, null);
  }

  /// [Stamp#NONE] where there is no file.
  Stamp stamp() throws IOException {
    try {
      var attributes = Files.readAttributes(path, BasicFileAttributes.class);
      return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
    } catch (NoSuchFileException _) {
      return Stamp.NONE;
    }
  }

  /// @throws IllegalArgumentException that names file and line, where a line is no key
  List<ApiKey> read() throws IOException {
    if (Files.size(path) > MAX_BYTES) {
      throw new FileSystemException(path.toString(), null, "it is larger than 8 MiB");
    }
    var keys = new ArrayList<ApiKey>();
    var ids = new HashSet<String>();
    int number = 0;
    for (String line : Files.readAllLines(path)) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      try {
        var key = ApiKeyLine.read(line);
        if (!ids.add(key.id())) {
          throw new IllegalArgumentException("its id stands in a line above");
        }
        keys.add(key);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(path + ":" + number + ": " + e.getMessage());
      }
    }
    return keys;
  }

  /// Changes the keys that stand there now.
  ///
  /// @throws IllegalArgumentException where the file is garbled
  /// @throws KeyConflict where there are too many
  List<ApiKey> change(UnaryOperator<List<ApiKey>> change) throws IOException {
    var folder = path.toAbsolutePath().resolveSibling("");
    Files.createDirectories(folder, OwnerOnly.FOLDER);
    var lockFile = path.resolveSibling(path.getFileName() + ".lock");
    var options = Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try (var channel = FileChannel.open(lockFile, options, OwnerOnly.FILE);
        var _ = lock(channel)) {
      handOver(lockFile);
      var keys = change.apply(Files.exists(path) ? read() : List.of());
      if (keys.size() > MAX_KEYS) {
        throw new KeyConflict("there are " + MAX_KEYS + " keys; revoke some");
      }
      replace(folder, keys);
      return keys;
    }
  }

  /// Waits for other writers, of this process too.
  private FileLock lock(FileChannel channel) throws IOException {
    long began = System.nanoTime();
    do {
      try {
        var lock = channel.tryLock();
        if (lock != null) {
          return lock;
        }
      } catch (OverlappingFileLockException _) {
        // held by another thread
      }
      pause();
    } while (System.nanoTime() - began < PATIENCE.toNanos());
    throw new FileSystemException(path.toString(), null, "another process keeps changing it");
  }

  private static void pause() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// What root makes belongs to whom the ring belongs, so that a server which is another user can
  /// go on reading and changing it. No link is followed, for that user may have put it there.
  private void handOver(Path made) throws IOException {
    var folder = path.toAbsolutePath().resolveSibling("");
    var owner = Files.getOwner(Files.exists(path) ? path : folder);
    var view =
        Files.getFileAttributeView(made, FileOwnerAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (!view.getOwner().equals(owner)) {
      try {
        view.setOwner(owner);
      } catch (FileSystemException _) {
        // only root may
      }
    }
  }

  private void replace(Path folder, List<ApiKey> keys) throws IOException {
    var target = Files.isSymbolicLink(path) ? path.toRealPath() : path;
    var draft = Files.createTempFile(folder, ".api-keys-", "", OwnerOnly.FILE);
    try {
      try (var channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
        var lines = new StringBuilder();
        keys.forEach(key -> lines.append(ApiKeyLine.write(key)).append('\n'));
        var bytes = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      handOver(draft);
      Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(draft);
    }
    try (var directory = FileChannel.open(folder, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }
}

package dev.hairpin.credentialapi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps what callers revoke, so that it outlives the process: a line each, with the tenant, or `-`
/// for the server's own, and what is revoked.
final class RevokedFile {
  private static final Pattern LINE =
      Pattern.compile("(-|[a-z0-9-]{1,32}) (<?(\\d{1,10})(?::.*)?)");
  private static final Logger LOG = LoggerFactory.getLogger(RevokedFile.class);

  private final Path path;

  RevokedFile(Path path) {
    this.path = path;
  }

  /// Something that is revoked.
  ///
  /// @param tenant empty for the server's own
  /// @param entry in the form of [dev.hairpin.turnserver.credential.Revocations], with an end
  record Revocation(String tenant, String entry) {
    private String line() {
      return (tenant.isEmpty() ? "-" : tenant) + " " + entry + "\n";
    }
  }

  /// What is of use still; the rest goes.
  ///
  /// @param endSeconds what ended by then is of no use any more
  synchronized List<Revocation> read(long endSeconds) throws IOException {
    if (!Files.exists(path)) {
      return List.of();
    }
    // where a line was cut off, so may have been a letter
    var lines = new String(Files.readAllBytes(path), StandardCharsets.UTF_8).lines().toList();
    var kept = new ArrayList<Revocation>();
    for (int i = 0; i < lines.size(); i++) {
      var parts = LINE.matcher(lines.get(i));
      if (!parts.matches()) {
        LOG.error("{}:{}: this is no revocation, and is passed over", path, i + 1);
      } else if (Long.parseLong(parts.group(3)) > endSeconds) {
        kept.add(new Revocation(parts.group(1).equals("-") ? "" : parts.group(1), parts.group(2)));
      }
    }
    if (kept.size() < lines.size()) {
      replace(kept);
    }
    return kept;
  }

  private void replace(List<Revocation> kept) throws IOException {
    var draft =
        Files.createTempFile(
            path.toAbsolutePath().resolveSibling(""), ".revoked-", "", OwnerOnly.FILE);
    Files.writeString(draft, kept.stream().map(Revocation::line).collect(Collectors.joining()));
    Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
  }

  /// Returns when it would be there after a loss of power.
  synchronized void add(Revocation revocation) throws IOException {
    var options =
        Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    var folder = path.toAbsolutePath().resolveSibling("");
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder, OwnerOnly.FOLDER);
    }
    try (var channel = FileChannel.open(path, options, OwnerOnly.FILE)) {
      String line = endsLine(channel) ? revocation.line() : "\n" + revocation.line();
      var bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
      channel.position(channel.size());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }

  /// Whether the next line may begin where the file ends: the last one may have been cut off.
  private static boolean endsLine(FileChannel channel) throws IOException {
    var last = ByteBuffer.allocate(1);
    return channel.size() == 0
        || (channel.read(last, channel.size() - 1) == 1 && last.get(0) == '\n');
  }
}

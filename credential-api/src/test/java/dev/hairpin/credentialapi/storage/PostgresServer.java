package dev.hairpin.credentialapi.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A PostgreSQL of the test's own, on a free port of the loopback and in a folder of its own. The
/// one that the system may run is left alone.
public final class PostgresServer implements AutoCloseable {
  public static final String USER = "hairpin";
  public static final String PASSWORD = "the-password-of-the-database-of-the-tests";

  private static final int PATIENCE_SECONDS = 30;
  private static final String OWNER = "nobody";

  private final Path programs = programs();
  private final Path folder;
  private final int port = freePort();
  private Process process;

  /// Makes a cluster and starts it.
  ///
  /// @param parent an empty folder
  public PostgresServer(Path parent) throws IOException, InterruptedException {
    folder = Files.createDirectory(parent.resolve("cluster"));
    var passwordFile = Files.writeString(parent.resolve("password"), PASSWORD);
    if (isRoot()) { // which may not run it
      var owner = folder.getFileSystem().getUserPrincipalLookupService();
      Files.setOwner(folder, owner.lookupPrincipalByName(OWNER));
      Files.setOwner(passwordFile, owner.lookupPrincipalByName(OWNER));
      for (var above = parent; above != null && Files.getOwner(above).getName().equals("root"); ) {
        var permissions = Files.getPosixFilePermissions(above);
        permissions.addAll(PosixFilePermissions.fromString("--x--x--x"));
        Files.setPosixFilePermissions(above, permissions);
        above = above.getParent();
      }
    }
    var made =
        run(
            "initdb",
            "--pgdata=" + folder,
            "--username=" + USER,
            "--pwfile=" + passwordFile,
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync");
    if (!made.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || made.exitValue() != 0) {
      throw new AssertionError("initdb failed: " + log());
    }
    process = start();
  }

  private Process start() throws IOException, InterruptedException {
    var started =
        run(
            "postgres",
            "-D",
            folder.toString(),
            "-p",
            Integer.toString(port),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            "fsync=off",
            "-c",
            "max_connections=20",
            "-c",
            "shared_buffers=16MB");
    for (int i = 0; i < PATIENCE_SECONDS * 20; i++) {
      if (!started.isAlive()) {
        throw new AssertionError("PostgreSQL ended: " + log());
      }
      if (Files.exists(folder.resolve("postmaster.pid"))
          && Files.readString(folder.resolve("postmaster.pid")).contains("ready")) {
        return started;
      }
      Thread.sleep(50);
    }
    started.destroyForcibly();
    throw new AssertionError("PostgreSQL is not ready: " + log());
  }

  private Process run(String program, String... options) throws IOException {
    var command = new ArrayList<String>();
    if (isRoot()) {
      command.addAll(
          List.of("setpriv", "--reuid=" + OWNER, "--regid=nogroup", "--clear-groups", "--"));
    }
    command.add(programs.resolve(program).toString());
    command.addAll(List.of(options));
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    var log = ProcessBuilder.Redirect.appendTo(folder.resolveSibling("log").toFile());
    return builder.redirectErrorStream(true).redirectOutput(log).start();
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  /// Debian's package puts each version into a folder of its own.
  private static Path programs() {
    var versions = Path.of("/usr/lib/postgresql");
    try (Stream<Path> folders =
        Files.isDirectory(versions) ? Files.list(versions) : Stream.empty()) {
      return folders
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.exists(bin.resolve("initdb")))
          .max(Path::compareTo)
          .orElseThrow(
              () ->
                  new AssertionError("PostgreSQL is needed; deploy/dev/test knows what brings it"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  public int port() {
    return port;
  }

  /// The database by another port, at which somebody passes on.
  public Database at(int otherPort) {
    return new Database.Server(url(otherPort), USER, PASSWORD);
  }

  public Database database() {
    return at(port);
  }

  public static String url(int port) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
  }

  public String log() {
    try {
      return Files.readString(folder.resolveSibling("log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /// As by a loss of power. The parent dies first: it would replace a child that it has lost, and
  /// that one would outlive it.
  public void kill() {
    var all = Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    for (var one : all) {
      one.onExit().join();
    }
  }

  /// After a kill; what was committed is there again.
  public void restart() throws IOException, InterruptedException {
    Files.deleteIfExists(folder.resolve("postmaster.pid"));
    process = start();
  }

  /// Whether somebody listens.
  public boolean isListening() {
    try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  @Override
  public void close() {
    kill();
  }
}

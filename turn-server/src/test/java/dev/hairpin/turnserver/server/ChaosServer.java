package dev.hairpin.turnserver.server;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.loop.Clock;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.ChildProcess;
import dev.hairpin.turnserver.transport.StreamSettings;
import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import dev.hairpin.turnserver.udp.UdpMode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/// A server in a process of its own, for whatever a test may do to a process. It obeys one command
/// a line:
///
/// - `wall SECONDS`: the wall clock is off by as much;
/// - `skip SECONDS`: the other clock jumps ahead;
/// - `certificates`: the files are looked at again;
/// - `state`: nothing but the answer.
///
/// It answers each by its number, the allocations that live, and the faults it has met.
final class ChaosServer implements AutoCloseable {
  static final String SECRET = "a secret of the chaos";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ChildProcess process;
  private final List<InetSocketAddress> addresses = new ArrayList<>();
  private int commands;

  private ChaosServer(ChildProcess process) {
    this.process = process;
    for (var address : answer("listening").split(" ", -1)) {
      int colon = address.lastIndexOf(':');
      addresses.add(
          new InetSocketAddress(
              address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))));
    }
  }

  /// Starts it with a log that goes to a full disk.
  static ChaosServer start(Path certificate, Path key, Path folder) throws IOException {
    var log = folder.resolve("logback.xml");
    Files.writeString(
        log,
        """
        <configuration>
          <appender name="disk" class="ch.qos.logback.core.FileAppender">
            <file>/dev/full</file>
            <encoder><pattern>%d %msg%n</pattern></encoder>
          </appender>
          <root level="info"><appender-ref ref="disk"/></root>
        </configuration>
        """);
    return new ChaosServer(
        ChildProcess.start(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Dlogback.configurationFile=" + log,
                "-cp",
                classPath(folder),
                ChaosServer.class.getName(),
                certificate.toString(),
                key.toString())));
  }

  /// All in jars, as in a distribution: without a descriptor no class is read from a folder.
  private static String classPath(Path folder) throws IOException {
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    var jars = new ArrayList<String>();
    for (String entry : path.split(":", -1)) {
      jars.add(
          Files.isDirectory(Path.of(entry))
              ? pack(Path.of(entry), folder.resolve(jars.size() + ".jar"))
              : entry);
    }
    return String.join(":", jars);
  }

  private static String pack(Path classes, Path jar) throws IOException {
    try (var out = new JarOutputStream(Files.newOutputStream(jar));
        var files = Files.walk(classes)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
        Files.copy(file, out);
      }
    }
    return jar.toString();
  }

  /// By UDP, TCP and TLS.
  List<InetSocketAddress> addresses() {
    return addresses;
  }

  long pid() {
    return process.pid();
  }

  /// What it says of itself after a command: the allocations that live, and the faults.
  record State(int live, int faults) {}

  /// Gives a command to a process that may not be able to answer now.
  void tell(String command) {
    commands++;
    process.tell(commands + " " + command);
  }

  State command(String command) {
    tell(command);
    var words = answer("done " + commands + ":").split(" ", -1);
    return new State(Integer.parseInt(words[0]), Integer.parseInt(words[1]));
  }

  private String answer(String beginning) {
    Await.until(
        PATIENCE, () -> find(beginning).findFirst().isPresent(), () -> "" + process.output());
    return find(beginning).findFirst().orElseThrow();
  }

  private Stream<String> find(String beginning) {
    return process.output().stream()
        .filter(line -> line.startsWith(beginning + " "))
        .map(line -> line.substring(beginning.length() + 1));
  }

  long sockets() {
    return count(ChaosServer::isSocket);
  }

  long descriptors() {
    return count(_ -> true);
  }

  private long count(Predicate<Path> which) {
    try (var descriptors = Files.list(Path.of("/proc/" + pid() + "/fd"))) {
      return descriptors.filter(which).count();
    } catch (IOException e) {
      throw new AssertionError("it has ended: " + process.output(), e);
    }
  }

  private static boolean isSocket(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
    } catch (IOException _) {
      return false; // closed by now
    }
  }

  @Override
  public String toString() {
    return String.join("\n", process.output());
  }

  @Override
  public void close() {
    process.close();
  }

  private static final class Steps implements Clock {
    private final Clock system = Clock.system();
    private final AtomicLong aheadNanos = new AtomicLong();
    private volatile long offSeconds;

    @Override
    public long nanos() {
      return system.nanos() + aheadNanos.get();
    }

    @Override
    public long wallSeconds() {
      return system.wallSeconds() + offSeconds;
    }
  }

  public static void main(String[] arguments) throws IOException {
    var files = List.of(new CertificateFiles(Path.of(arguments[0]), Path.of(arguments[1])));
    var urls = Stream.of("udp", "tcp", "tls").map(s -> ListenUrl.parse(s + "://127.0.0.1:0"));
    var settings =
        TurnSettings.of(SharedSecrets.of(SECRET), ListenUrl.parse("udp://127.0.0.1:0"))
            .but(d -> d.streams = StreamSettings.DEFAULT.withCertificates(files))
            .but(d -> d.listeners = urls.toList())
            .but(d -> d.udp = UdpMode.AUTO)
            .but(d -> d.loops = 2)
            .allowingPeers("127.0.0.0/8");
    var clock = new Steps();
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (var server = TurnServer.start(settings, clock)) {
      var addresses = server.listenAddresses().stream().map(TransportAddress::toString).toList();
      System.out.println("listening " + String.join(" ", addresses));
      for (var line = input.readLine(); line != null; line = input.readLine()) {
        var words = line.split(" ", -1);
        switch (words[1]) {
          case "wall" -> clock.offSeconds = Long.parseLong(words[2]);
          case "skip" ->
              clock.aheadNanos.addAndGet(TimeUnit.SECONDS.toNanos(Long.parseLong(words[2])));
          case "certificates" -> server.shared.streams().identities().refresh();
          case "state" -> {}
          default -> throw new IllegalArgumentException(line);
        }
        var telemetry = server.telemetry();
        System.out.printf(
            "done %s: %d %d%n",
            words[0], telemetry.liveAllocations(), telemetry.get(DropReason.INTERNAL_FAULT));
      }
    }
  }
}

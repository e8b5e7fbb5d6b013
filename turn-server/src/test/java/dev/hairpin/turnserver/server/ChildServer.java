package dev.hairpin.turnserver.server;

import static java.util.Objects.requireNonNull;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.ChildProcess;
import dev.hairpin.turnserver.testkit.DtlsWire;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestCertificate;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TlsProfile;
import dev.hairpin.turnserver.testkit.UdpWire;
import dev.hairpin.turnserver.transport.StreamSettings;
import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import dev.hairpin.turnserver.transport.StreamSettings.Strangers;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/// A server in a process of its own, that can be given little to live on. It tells its ports, and
/// then does what it reads, one command a line:
///
/// - `hoard`: opens files until there is no descriptor left;
/// - `free`: closes them;
/// - `drop`: waits until data for clients that read slowly are dropped;
/// - `leak`: keeps objects until there is no heap left.
///
/// It repeats each command when it is done.
final class ChildServer implements AutoCloseable {
  private static final String SECRET = "a secret of this test";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /// More than all the memory that it is given.
  private static final int BACKLOG_BYTES = 64 << 20;

  private final ChildProcess process;
  private final TestCertificate certificate;
  private final Map<By, InetSocketAddress> addresses = new EnumMap<>(By.class);

  /// @param maxDescriptors what the system is to allow it
  ChildServer(TestCertificate certificate, int maxDescriptors, String... options) {
    this.certificate = certificate;
    var command = new ArrayList<String>();
    command.addAll(List.of("sh", "-c", "ulimit -n " + maxDescriptors + " && exec \"$@\"", "sh"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            classPath(requireNonNull(certificate.file().getParent())),
            ChildServer.class.getName(),
            certificate.file().toString(),
            certificate.key().toString()));
    process = ChildProcess.start(command);
    process.awaitLine("ready", PATIENCE);
    var ways = Arrays.asList(By.values()).iterator();
    for (String line : process.output()) {
      if (line.startsWith("port ")) {
        int port = Integer.parseInt(line.substring("port ".length()));
        addresses.put(ways.next(), new InetSocketAddress("127.0.0.1", port));
      }
    }
  }

  /// As in a distribution, classes lie in archives: one that is open gives them out when no
  /// descriptor is left.
  private static String classPath(Path folder) {
    var path = new ArrayList<String>();
    for (var of : List.of(ChildServer.class, TurnServer.class)) {
      var classes = of.getProtectionDomain().getCodeSource().getLocation().getPath();
      var archive = folder.resolve(of.getSimpleName() + ".jar").toString();
      if (!Files.exists(Path.of(archive))) {
        var jar = ToolProvider.findFirst("jar").orElseThrow();
        jar.run(System.out, System.err, "-c", "-f", archive, "-C", classes, ".");
      }
      path.add(archive);
    }
    path.add(System.getProperty("java.class.path"));
    return String.join(File.pathSeparator, path);
  }

  /// By what a client comes.
  enum By {
    UDP,
    TCP,
    TLS,
    DTLS
  }

  TestTurnClient client(By by) {
    var address = requireNonNull(addresses.get(by));
    var wire =
        switch (by) {
          case UDP -> UdpWire.to(address);
          case TCP -> StreamWire.to(address);
          case TLS -> StreamWire.to(address).secured(TlsProfile.trusting(certificate));
          case DTLS -> DtlsWire.to(address);
        };
    return TestTurnClient.over(wire).withSecret(SECRET).as("alice");
  }

  void command(String command) {
    process.tell(command);
    process.awaitLine(command, PATIENCE);
  }

  ChildProcess process() {
    return process;
  }

  @Override
  public void close() {
    process.close();
  }

  public static void main(String[] arguments) throws IOException {
    var files = new CertificateFiles(Path.of(arguments[0]), Path.of(arguments[1]));
    var streams = StreamSettings.DEFAULT;
    var urls =
        Stream.of("udp", "tcp", "tls", "dtls").map(s -> ListenUrl.parse(s + "://127.0.0.1:0"));
    var settings =
        TurnSettings.of(SharedSecrets.of(SECRET), ListenUrl.parse("udp://127.0.0.1:0"))
            .allowingPeers("127.0.0.0/8")
            .but(
                d -> {
                  d.loops = 1;
                  d.streams =
                      new StreamSettings(
                          List.of(files),
                          List.of(),
                          new Strangers(0, 0, 0, streams.strangers().patience()),
                          streams.timeouts(),
                          BACKLOG_BYTES);
                })
            .but(d -> d.listeners = urls.toList());
    try (var server = TurnServer.start(settings)) {
      server.listenAddresses().forEach(address -> System.out.println("port " + address.port()));
      System.out.println("ready");
      obey(server);
    }
  }

  private static void obey(TurnServer server) throws IOException {
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var hoard = new ArrayList<InputStream>();
    for (var command = input.readLine(); command != null; command = input.readLine()) {
      switch (command) {
        case "hoard" -> hoard(hoard);
        case "free" -> free(hoard);
        case "drop" -> awaitDrops(server);
        case "leak" -> leak();
        default -> throw new IllegalArgumentException(command);
      }
      System.out.println(command);
    }
  }

  private static void hoard(List<InputStream> hoard) {
    try {
      while (true) {
        hoard.add(new FileInputStream("/dev/null"));
      }
    } catch (IOException _) {
      // none is left
    }
  }

  private static void free(List<InputStream> hoard) throws IOException {
    for (var each : hoard) {
      each.close();
    }
    hoard.clear();
  }

  private static void awaitDrops(TurnServer server) {
    Await.until(
        PATIENCE,
        () -> server.telemetry().get(DropReason.BACKLOG_FULL) > 0,
        () -> "nothing is dropped");
  }

  private static void leak() {
    var kept = new ArrayList<byte[]>();
    while (!kept.isEmpty() || kept.add(new byte[1])) {
      kept.add(new byte[100_000]);
    }
  }
}

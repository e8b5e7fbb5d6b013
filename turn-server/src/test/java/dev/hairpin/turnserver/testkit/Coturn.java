package dev.hairpin.turnserver.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// coturn as a reference: what it and the test client agree on is not our own misreading.
public final class Coturn implements AutoCloseable {
  private final ChildProcess process;
  private final InetSocketAddress address;
  private final InetSocketAddress tlsAddress;

  private Coturn(ChildProcess process, InetSocketAddress address, InetSocketAddress tlsAddress) {
    this.process = process;
    this.address = address;
    this.tlsAddress = tlsAddress;
  }

  /// What it is started with; UDP is always served.
  public static final class Setup {
    private final Path directory;
    private final InetAddress ip;
    private final String secret;
    private final List<String> options = new ArrayList<>();
    private List<String> shortAnswers =
        List.of(
            "no-stun-backward-compatibility",
            "response-origin-only-with-rfc5780",
            "no-software-attribute");
    private String noTcp = "no-tcp";
    private String noTls = "no-tls";
    private String noDtls = "no-dtls";
    private String noDiscovery = "no-rfc5780";

    private Setup(Path directory, InetAddress ip, String secret) {
      this.directory = directory;
      this.ip = ip;
      this.secret = secret;
    }

    /// Serves TCP on the port of UDP too, and TCP allocations (RFC 6062).
    public Setup withTcp() {
      noTcp = "";
      return this;
    }

    /// Serves TLS over TCP, and DTLS, on a port of their own.
    public Setup withTls(TestCertificate certificate) {
      noTls = "";
      noDtls = "";
      return with("cert=" + certificate.file()).with("pkey=" + certificate.key());
    }

    /// Answers from a second address and port (RFC 5780).
    public Setup withDiscovery(InetAddress second) {
      noDiscovery = "";
      return with("listening-ip=" + second.getHostAddress())
          .with("alt-listening-port=" + freePort(ip));
    }

    /// With the answers that it gives where nobody configures anything.
    public Setup asInstalled() {
      noDiscovery = "";
      shortAnswers = List.of();
      return this;
    }

    /// A further line of its configuration.
    public Setup with(String option) {
      options.add(option);
      return this;
    }

    /// Starts it on free ports and returns once it answers.
    public Coturn start() {
      var address = new InetSocketAddress(ip, freePort(ip));
      var tlsAddress = new InetSocketAddress(ip, freePort(ip));
      var config = directory.resolve("turnserver.conf");
      try {
        Files.write(config, configuration(address.getPort(), tlsAddress.getPort()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      var process = ChildProcess.start(List.of("turnserver", "-c", config.toString()));
      var coturn = new Coturn(process, address, tlsAddress);
      coturn.awaitAnswer();
      return coturn;
    }

    private List<String> configuration(int port, int tlsPort) {
      var lines =
          new ArrayList<>(
              List.of(
                  "listening-ip=" + ip.getHostAddress(),
                  "relay-ip=" + ip.getHostAddress(),
                  "listening-port=" + port,
                  "tls-listening-port=" + tlsPort,
                  "use-auth-secret",
                  "static-auth-secret=" + secret,
                  "realm=coturn",
                  "userdb=" + directory.resolve("turndb"),
                  "pidfile=" + directory.resolve("pid"),
                  "log-file=stdout",
                  "simple-log",
                  "allow-loopback-peers",
                  "no-cli",
                  noTcp,
                  noTls,
                  noDtls,
                  noDiscovery));
      lines.addAll(shortAnswers);
      lines.addAll(options);
      return lines;
    }
  }

  public static Setup on(Path directory, InetAddress ip, String secret) {
    return new Setup(directory, ip, secret);
  }

  /// Where it serves UDP, and TCP if it is to.
  public InetSocketAddress address() {
    return address;
  }

  /// Where it serves TLS and DTLS, if it is to.
  public InetSocketAddress tlsAddress() {
    return tlsAddress;
  }

  private void awaitAnswer() {
    boolean answered = false;
    try (var client = TestTurnClient.to(address)) {
      Await.until(
          Duration.ofSeconds(10),
          () -> isAnswering(client),
          () -> "coturn answers; it says " + process.output());
      answered = true;
    } finally {
      if (!answered) {
        close();
      }
    }
  }

  private boolean isAnswering(TestTurnClient client) {
    Expect.that(process.isAlive(), "coturn ended: ", process.output());
    try {
      client.sendRaw(MessageBuilder.request(Methods.BINDING).build());
      return client.receiveRaw(Duration.ofMillis(100)) != null;
    } catch (UncheckedIOException _) {
      return false; // the port is still closed
    }
  }

  /// A port that is free for UDP and TCP.
  private static int freePort(InetAddress ip) {
    for (int i = 0; i < 100; i++) {
      try (var udp = new DatagramSocket(0, ip);
          var _ = new ServerSocket(udp.getLocalPort(), 1, ip)) {
        return udp.getLocalPort();
      } catch (IOException _) {
        // taken by one of the two; the next one may be free for both
      }
    }
    throw new AssertionError("no port of " + ip + " is free for both UDP and TCP");
  }

  @Override
  public void close() {
    process.close();
  }
}

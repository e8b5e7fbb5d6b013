package dev.hairpin.turnserver.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// coturn as a reference: what it and the test client agree on is not our own misreading.
public final class Coturn implements AutoCloseable {
  private final ChildProcess process;
  private final InetSocketAddress address;

  private Coturn(ChildProcess process, InetSocketAddress address) {
    this.process = process;
    this.address = address;
  }

  /// Starts it on a free port of this address and returns once it answers.
  ///
  /// @param options further lines of its configuration
  public static Coturn start(Path directory, InetAddress ip, String secret, String... options) {
    try {
      var address = new InetSocketAddress(ip, freePort(ip));
      var config = directory.resolve("turnserver.conf");
      Files.write(config, configuration(directory, address, secret, List.of(options)));
      var process = ChildProcess.start(List.of("turnserver", "-c", config.toString()));
      var coturn = new Coturn(process, address);
      coturn.awaitAnswer();
      return coturn;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> configuration(
      Path directory, InetSocketAddress address, String secret, List<String> options) {
    String ip = address.getAddress().getHostAddress();
    var lines = new ArrayList<>(options);
    lines.addAll(
        List.of(
            "listening-ip=" + ip,
            "relay-ip=" + ip,
            "listening-port=" + address.getPort(),
            "use-auth-secret",
            "static-auth-secret=" + secret,
            "realm=coturn",
            "userdb=" + directory.resolve("turndb"),
            "pidfile=" + directory.resolve("pid"),
            "log-file=stdout",
            "simple-log",
            "allow-loopback-peers",
            "no-cli",
            "no-tls",
            "no-dtls",
            "no-tcp",
            "no-rfc5780",
            "no-stun-backward-compatibility",
            "response-origin-only-with-rfc5780",
            "no-software-attribute"));
    return lines;
  }

  public InetSocketAddress address() {
    return address;
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

  private static int freePort(InetAddress ip) throws IOException {
    try (var socket = new DatagramSocket(0, ip)) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    process.close();
  }
}

package dev.hairpin.deploy.check;

import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.Charset;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import org.ice4j.TransportAddress;

/// Walks the way of a WebRTC client, from the API to a payload that came through the relay, and
/// tells each step and its time. The first step that fails is the last.
public final class Probe {
  private static final int PAYLOAD_BYTES = 1000;
  private static final int TRIES = 10;
  private static final Duration PATIENCE = Duration.ofMillis(300);

  private final ApiClient api;
  private final PrintWriter out;
  private final Marks marks;

  /// A probe of one server.
  ///
  /// @param api the API's URL, without a slash at the end
  /// @param key an API key; it is not printed
  public Probe(URI api, String key, PrintWriter out, Charset terminal) {
    this.api = new ApiClient(api, key);
    this.out = out;
    this.marks = Marks.of(terminal);
  }

  private record Marks(String passed, String failed) {
    static Marks of(Charset terminal) {
      return terminal.newEncoder().canEncode("✓✗") ? new Marks("✓", "✗") : new Marks("ok", "--");
    }
  }

  /// What a step found out, and how to say it.
  private record Finding<T>(T value, String text) {}

  @FunctionalInterface
  private interface Step<T> {
    Finding<T> take() throws CheckException, InterruptedException;
  }

  /// Whether every step worked.
  public boolean run() throws InterruptedException {
    try {
      var servers = take("credentials", this::fetch);
      try (var stranger = new TurnClient(servers.stun());
          var first = new TurnClient(servers.turn());
          var second = new TurnClient(servers.turn())) {
        take("STUN Binding", () -> bind(stranger));
        var one = take("TURN Allocate", () -> allocate(first, servers));
        var two = take("TURN Allocate", () -> allocate(second, servers));
        take("relayed data", () -> meet(first, one, second, two));
      }
      out.println("All of it works.");
      return true;
    } catch (CheckException e) {
      out.println("  " + e.hint());
      return false;
    } finally {
      out.flush();
    }
  }

  private <T> T take(String name, Step<T> step) throws CheckException, InterruptedException {
    long start = System.nanoTime();
    try {
      var finding = step.take();
      print(marks.passed, name, start, finding.text());
      return finding.value();
    } catch (CheckException e) {
      print(marks.failed, name, start, String.valueOf(e.getMessage()));
      throw e;
    }
  }

  private void print(String mark, String name, long start, String text) {
    long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
    out.printf("%-2s %-14s %5d ms  %s%n", mark, name, millis, text);
    out.flush();
  }

  private Finding<IceServers> fetch() throws CheckException, InterruptedException {
    var servers = api.fetch();
    return new Finding<>(servers, "for " + servers.username());
  }

  private static Finding<TransportAddress> bind(TurnClient client)
      throws CheckException, InterruptedException {
    var mapped = client.bind();
    return new Finding<>(mapped, "the server sees us at " + StunSocket.text(mapped));
  }

  private static Finding<TransportAddress> allocate(TurnClient client, IceServers servers)
      throws CheckException, InterruptedException {
    var relayed = client.allocate(servers.username(), servers.credential());
    return new Finding<>(relayed, "relayed address " + StunSocket.text(relayed));
  }

  private static Finding<byte[]> meet(
      TurnClient first, TransportAddress one, TurnClient second, TransportAddress two)
      throws CheckException, InterruptedException {
    first.permit(two);
    second.permit(one);
    var payload = new byte[PAYLOAD_BYTES];
    new SecureRandom().nextBytes(payload);
    pass(payload, first, two, second);
    pass(payload, second, one, first);
    return new Finding<>(payload, PAYLOAD_BYTES + " bytes there and back, unchanged");
  }

  /// UDP may lose, so a payload is sent until it has arrived.
  private static void pass(byte[] payload, TurnClient from, TransportAddress peer, TurnClient to)
      throws CheckException, InterruptedException {
    for (int i = 0; i < TRIES; i++) {
      from.send(payload, peer);
      var received = to.receive(PATIENCE);
      if (received != null && !Arrays.equals(received.payload(), payload)) {
        throw new CheckException("the payload arrived changed", "does a middlebox rewrite it?");
      }
      if (received != null) {
        return;
      }
    }
    throw new CheckException(
        "nothing came through the relay to " + StunSocket.text(peer),
        "does a firewall let the relay ports pass, and do peer rules allow relayed addresses?");
  }
}

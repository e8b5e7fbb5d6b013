package dev.hairpin.deploy.check;

import dev.hairpin.turnserver.net.Transport;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.Charset;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import org.ice4j.TransportAddress;
import org.jspecify.annotations.Nullable;

/// Walks the way of a WebRTC client: asks the API for credentials, then each server that it hands
/// out, by the transport of its URL, up to a payload that came through the relay. Tells each step
/// and its time.
public final class Probe {
  private static final String CREDENTIALS = "credentials";
  private static final int PAYLOAD_BYTES = 1000;
  private static final int TRIES = 10;
  private static final Duration PATIENCE = Duration.ofMillis(300);

  private final ApiClient api;
  private final SSLContext trust;
  private final PrintWriter out;
  private final Marks marks;
  private int width = CREDENTIALS.length();

  /// A probe of what one API hands out.
  ///
  /// @param api the API's URL, without a slash at the end
  /// @param key an API key; it is not printed
  /// @param trust decides about certificates, of the API too
  public Probe(URI api, String key, SSLContext trust, PrintWriter out, Charset terminal) {
    this.api = new ApiClient(api, key, trust);
    this.trust = trust;
    this.out = out;
    this.marks = Marks.of(terminal);
  }

  private record Marks(String passed, String failed, String skipped) {
    static Marks of(Charset terminal) {
      return terminal.newEncoder().canEncode("✓✗–")
          ? new Marks("✓", "✗", "–")
          : new Marks("ok", "--", "..");
    }
  }

  @FunctionalInterface
  private interface Step {
    /// What was found out.
    String take() throws CheckException, InterruptedException;
  }

  /// Whether every step worked.
  public boolean run() throws InterruptedException {
    long start = System.nanoTime();
    IceServers handedOut;
    try {
      handedOut = api.fetch("hairpin-check");
    } catch (CheckException e) {
      tellFailure(CREDENTIALS, start, e);
      return false;
    }
    for (var server : handedOut.servers()) {
      width = Math.max(width, server.url().text().length());
    }
    tell(marks.passed, CREDENTIALS, start, "for " + user(handedOut));
    boolean all = true;
    for (var server : handedOut.servers()) {
      all &= check(server);
    }
    out.println(all ? "All of it works." : "Not all of it works.");
    out.flush();
    return all;
  }

  private static @Nullable String user(IceServers handedOut) {
    return handedOut.servers().stream()
        .map(IceServers.Server::username)
        .filter(name -> name != null)
        .findFirst()
        .orElse(null);
  }

  private boolean check(IceServers.Server server) throws InterruptedException {
    var url = server.url();
    if (url.transport() == Transport.DTLS) {
      tell(marks.skipped, url.text(), System.nanoTime(), "not checked: this client has no DTLS");
      return true;
    }
    return take(url.text(), () -> url.relays() ? relay(server) : bind(url));
  }

  private boolean take(String name, Step step) throws InterruptedException {
    long start = System.nanoTime();
    try {
      tell(marks.passed, name, start, step.take());
      return true;
    } catch (CheckException e) {
      tellFailure(name, start, e);
      return false;
    }
  }

  private void tellFailure(String name, long start, CheckException e) {
    tell(marks.failed, name, start, String.valueOf(e.getMessage()));
    out.println("   " + e.hint());
    out.flush();
  }

  private void tell(String mark, String name, long start, String text) {
    long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
    out.printf("%-2s %-" + width + "s %5d ms  %s%n", mark, name, millis, text);
    out.flush();
  }

  private String bind(IceUrl url) throws CheckException, InterruptedException {
    try (var client = new TurnClient(url, trust)) {
      return "sees us at " + StunSocket.text(client.bind());
    }
  }

  /// Two clients of one server are each other's peers.
  private String relay(IceServers.Server server) throws CheckException, InterruptedException {
    try (var first = new TurnClient(server.url(), trust);
        var second = new TurnClient(server.url(), trust)) {
      var one = allocate(first, server);
      var two = allocate(second, server);
      meet(first, one, second, two);
      return PAYLOAD_BYTES
          + " bytes there and back, by "
          + StunSocket.text(one)
          + first.describeWay();
    }
  }

  private static TransportAddress allocate(TurnClient client, IceServers.Server server)
      throws CheckException, InterruptedException {
    String username = server.username();
    String credential = server.credential();
    if (username == null || credential == null) {
      throw new CheckException(
          "the API gives no credential for it", "is the URL that of Hairpin's credential API?");
    }
    return client.allocate(username, credential);
  }

  private static void meet(
      TurnClient first, TransportAddress one, TurnClient second, TransportAddress two)
      throws CheckException, InterruptedException {
    first.permit(two);
    second.permit(one);
    var payload = new byte[PAYLOAD_BYTES];
    new SecureRandom().nextBytes(payload);
    pass(payload, first, two, second);
    pass(payload, second, one, first);
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

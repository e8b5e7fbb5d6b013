package dev.hairpin.deploy.check;

import dev.hairpin.turnserver.credential.Credential;
import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.credential.UserId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.logging.LogManager;
import javax.net.ssl.SSLContext;
import org.ice4j.TransportAddress;

/// Two clients that send each other packets through a server, by a client library that is not ours.
public final class LiveCall implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final int LIFETIME = 600;
  private static final int ALLOCATION_MISMATCH = 437;
  private static final int STALE_NONCE = 438;

  private final TurnClient alice;
  private final TurnClient bob;
  private final String password;
  private TransportAddress target = new TransportAddress("127.0.0.1", 9, null);
  private long sent;

  private LiveCall(TurnClient alice, TurnClient bob, String password) {
    this.alice = alice;
    this.bob = bob;
    this.password = password;
  }

  /// Two clients begin to talk.
  ///
  /// @param server its address and port
  public static LiveCall through(String server, String secret) throws Exception {
    return through(server, credential(secret));
  }

  /// Two clients with one credential begin to talk.
  public static LiveCall through(String server, Credential credential) throws Exception {
    LogManager.getLogManager().reset();
    var call = new LiveCall(client(server), client(server), credential.password());
    var a = call.alice.allocate(credential.username(), credential.password());
    call.target = call.bob.allocate(credential.username(), credential.password());
    call.alice.permit(call.target);
    call.bob.permit(a);
    return call;
  }

  /// Whether somebody with this secret is given an allocation; it is given back.
  public static boolean isServed(String server, String secret) throws Exception {
    return isServed(server, credential(secret));
  }

  /// Whether somebody with this credential is given an allocation; it is given back.
  public static boolean isServed(String server, Credential credential) throws Exception {
    LogManager.getLogManager().reset();
    try (var client = client(server)) {
      var _ = client.allocate(credential.username(), credential.password());
      return true;
    } catch (CheckException _) {
      return false;
    }
  }

  /// Whether Binding is answered.
  public static boolean isBound(String server) throws Exception {
    try (var client = client(server)) {
      var _ = client.bind();
      return true;
    } catch (CheckException _) {
      return false;
    }
  }

  private static TurnClient client(String server) throws Exception {
    var url = IceUrl.parse("turn:" + server + "?transport=udp");
    if (url == null) {
      throw new AssertionError(server);
    }
    return new TurnClient(url, SSLContext.getDefault());
  }

  private static Credential credential(String secret) {
    var issuer = new CredentialIssuer(SharedSecrets.of(secret));
    return issuer.issue(new UserId("caller"), Duration.ofHours(1), Instant.now());
  }

  /// Sends a packet and waits for it at the other end.
  public void talk() throws Exception {
    byte[] payload = ByteBuffer.allocate(160).putLong(++sent).array();
    alice.send(payload, target);
    var received = bob.receive(PATIENCE);
    if (received == null || ByteBuffer.wrap(received.payload()).getLong() != sent) {
      throw new AssertionError("packet " + sent + " is lost");
    }
  }

  public long sent() {
    return sent;
  }

  /// Makes new permissions, as clients do every few minutes.
  public void permitAgain() throws Exception {
    alice.permit(target);
  }

  /// What only the clients and the server know.
  public List<String> secrets() {
    return List.of(password, alice.nonce());
  }

  /// Where the server sees the first client.
  public String clientAddress() throws Exception {
    return alice.bind().toString().replaceAll("/udp$", "");
  }

  /// Whether this machine's loopback may be a peer.
  public boolean mayReachLoopback() throws Exception {
    try {
      alice.permit(new TransportAddress("127.0.0.1", 9, null));
      return true;
    } catch (CheckException _) {
      return false;
    }
  }

  public boolean isRefreshed() throws Exception {
    return alice.refresh(LIFETIME) == 0;
  }

  public void refresh() throws Exception {
    if (!isRefreshed()) {
      throw new AssertionError("a refresh is refused");
    }
  }

  /// Whether the server knows nothing of the allocations, by telling so within one more round trip.
  public boolean isGone() throws Exception {
    int error = alice.refresh(LIFETIME);
    return (error == STALE_NONCE ? alice.refresh(LIFETIME) : error) == ALLOCATION_MISMATCH;
  }

  @Override
  public void close() {
    alice.close();
    bob.close();
  }
}

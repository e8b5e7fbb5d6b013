package dev.hairpin.credentialapi;

import dev.hairpin.credentialapi.usage.UsageKeeper;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A TURN server on the loopback with an API in the same process, and a peer that echoes.
public final class TurnScene implements AutoCloseable {
  public final TurnServer turn;
  public final Api api;
  public final EchoPeer peer = EchoPeer.at(InetAddress.ofLiteral("127.0.0.1"));
  private final List<TestTurnClient> clients = new ArrayList<>();

  private TurnScene(ApiSettings settings, @Nullable UsageKeeper usage, InstantSource clock) {
    var listener = ListenUrl.parse("udp://127.0.0.1:0");
    turn =
        TurnServer.start(
            TurnSettings.of(SharedSecrets.of(Api.SECRET), listener).allowingPeers("127.0.0.0/8"));
    api = Api.start(settings, turn, usage, clock);
  }

  public static TurnScene start() {
    return start(Api.settings());
  }

  /// The TURN server's clock is the system's, and its credentials must be good today.
  public static TurnScene start(ApiSettings settings) {
    return start(settings, null);
  }

  /// One that has somebody to ask for usage.
  public static TurnScene start(ApiSettings settings, @Nullable UsageKeeper usage) {
    return new TurnScene(settings, usage, Instant::now);
  }

  public InetSocketAddress address() {
    return turn.listenAddresses().getFirst().toInetSocketAddress();
  }

  /// A client with a credential of its own making.
  public TestTurnClient client(String user) {
    return keep(TestTurnClient.to(address()).withSecret(Api.SECRET).as(user));
  }

  private TestTurnClient keep(TestTurnClient client) {
    clients.add(client);
    return client;
  }

  @Override
  public void close() {
    clients.forEach(TestTurnClient::close);
    api.close();
    turn.close();
    peer.close();
  }
}

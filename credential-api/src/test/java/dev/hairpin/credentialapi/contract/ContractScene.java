package dev.hairpin.credentialapi.contract;

import static dev.hairpin.credentialapi.Api.KEY;

import dev.hairpin.credentialapi.Api;
import dev.hairpin.credentialapi.ApiSettings;
import dev.hairpin.credentialapi.ApiTenant;
import dev.hairpin.credentialapi.Callers;
import dev.hairpin.credentialapi.Rate;
import dev.hairpin.credentialapi.Traffic;
import dev.hairpin.credentialapi.TurnScene;
import dev.hairpin.credentialapi.WebhookSettings;
import dev.hairpin.credentialapi.usage.StorageException;
import dev.hairpin.credentialapi.usage.Usage;
import dev.hairpin.credentialapi.usage.UsageBatch;
import dev.hairpin.credentialapi.usage.UsageKeeper;
import dev.hairpin.credentialapi.usage.UsageKey;
import dev.hairpin.credentialapi.usage.UsageQuery;
import dev.hairpin.credentialapi.usage.UsageRow;
import dev.hairpin.credentialapi.usage.UsageStore;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/// An API that has everything: a TURN server in the process, a key ring, a tenant, usage, a webhook
/// that nobody answers, and rates that nobody reaches.
final class ContractScene implements AutoCloseable {
  static final String ORIGIN = "https://app.example.org";
  private static final Rate AMPLE = new Rate(1_000_000, 1_000_000);

  final UsageKeeper usage;
  final TurnScene turn;
  final Api api;
  final Contract contract;
  private final AtomicInteger names = new AtomicInteger();
  volatile boolean storageFails;

  ContractScene(Path folder) {
    usage = UsageKeeper.start(() -> new Store(), Duration.ofDays(1), Duration.ofDays(1));
    turn = TurnScene.start(settings(Api.callers(folder), AMPLE, Api.tenant("acme")), usage);
    api = turn.api;
    contract = new Contract(api.get("/openapi.json").body());
  }

  /// One row for whoever asks.
  private final class Store implements UsageStore {
    @Override
    public void add(UsageBatch batch) {}

    @Override
    public List<UsageRow> find(UsageQuery query) {
      if (storageFails) {
        throw new StorageException("the database does not answer");
      }
      return List.of(new UsageRow(new UsageKey(0, "", "alice"), new Usage(1, 2, 3, 4, 5, 6)));
    }

    @Override
    public void prune(long beforeSeconds) {}

    @Override
    public void close() {}
  }

  static ApiSettings settings(Callers callers, Rate rate, ApiTenant... tenants) {
    var own = Api.settings();
    return new ApiSettings(
            own.listen(),
            callers,
            own.ttl(),
            List.of(ORIGIN),
            own.stunUrls(),
            own.turnUrls(),
            Set.of(),
            List.of(tenants))
        .withWebhooks(
            new WebhookSettings(List.of(URI.create("http://127.0.0.1:9/")), List.of(Api.SECRET)))
        .withTraffic(new Traffic(rate, rate, rate, rate, List.of()));
  }

  /// A name that no key has.
  String freshName() {
    return "key " + names.incrementAndGet();
  }

  /// Makes a key.
  ///
  /// @param more members of the body, each with a comma in front
  Contract.Made key(String more) {
    return key(api, freshName(), more);
  }

  static Contract.Made key(Api api, String name, String more) {
    var request =
        api.request("/v1/keys", KEY)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"name\":\"" + name + "\"" + more + "}"));
    var made = Contract.read(api.send(request).body());
    return new Contract.Made(made.get("id").textValue(), made.get("key").textValue());
  }

  /// The id of a session that has just begun.
  String session() {
    turn.turn.resume();
    turn.client("alice").allocate();
    var sessions = Contract.read(api.get("/v1/sessions?user=alice", KEY).body()).get("sessions");
    return sessions.get(sessions.size() - 1).get("id").textValue();
  }

  /// A token for a room.
  String roomToken() {
    return Contract.read(api.post("/v1/rooms/standup/tokens", KEY, "{}").body())
        .get("token")
        .textValue();
  }

  /// A body with a token that is good now, where one stands in a link.
  String fresh(String body) {
    return body.contains("/call.html#") ? body.replaceFirst("#[^\"]+", "#" + roomToken()) : body;
  }

  @Override
  public void close() {
    turn.close();
    usage.close();
  }
}

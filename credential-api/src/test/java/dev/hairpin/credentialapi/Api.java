package dev.hairpin.credentialapi;

import dev.hairpin.credentialapi.http.ApiMetrics;
import dev.hairpin.credentialapi.operations.Reloader;
import dev.hairpin.credentialapi.usage.UsageKeeper;
import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.credential.Tenant;
import dev.hairpin.turnserver.server.TurnServer;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// An API on a free port of the loopback, with a clock that stands still, and a client of it.
public final class Api implements AutoCloseable {
  public static final Instant NOW = Instant.parse("2026-11-21T03:00:00Z");
  public static final String SECRET = "a-turn-secret-of-the-tests-that-nobody-may-see";
  public static final String KEY = "the-first-api-key-of-the-tests";
  public static final String OTHER_KEY = "the-other-api-key-of-the-tests";
  public static final String JWT_SECRET =
      "a-jwt-secret-of-the-tests-that-is-long-enough-for-hs384-and-hs512-as-well";
  public static final String OTHER_JWT_SECRET = "the-other-jwt-secret-of-the-tests-that-is-long";
  public static final String STUN_URL = "stun:127.0.0.1:3478";
  public static final String TURN_URL = "turn:127.0.0.1:3478?transport=udp";

  public static final String TURNS_URL = "turns:127.0.0.1:5349?transport=tcp";

  private static final Rate NO_LIMIT = new Rate(0, 0); // the clock stands still
  private static final Traffic UNLIMITED =
      new Traffic(NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT, List.of());

  private final CredentialApi api;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Api(CredentialApi api) {
    this.api = api;
  }

  public static Api start() {
    return start(settings(), null, () -> NOW);
  }

  public static Api start(ApiSettings settings) {
    return start(settings, null, () -> NOW);
  }

  public static Api start(
      ApiSettings settings, @Nullable TurnServer turnServer, InstantSource clock) {
    return start(settings, turnServer, null, clock);
  }

  public static Api start(
      ApiSettings settings,
      @Nullable TurnServer turnServer,
      @Nullable UsageKeeper usage,
      InstantSource clock) {
    return new Api(CredentialApi.start(settings, issuer(), turnServer, null, usage, clock));
  }

  /// What an API is made of, without a socket.
  public static ApplicationContext beans() {
    return CredentialApi.startContext(settings(), issuer(), null, null, null, () -> NOW);
  }

  public static CredentialIssuer issuer() {
    return new CredentialIssuer(SharedSecrets.of(SECRET));
  }

  public static ApiSettings settings() {
    return settings(
        new Callers(List.of(KEY, OTHER_KEY), List.of(JWT_SECRET, OTHER_JWT_SECRET)), List.of());
  }

  public static ApiSettings settings(Callers callers, List<String> corsOrigins) {
    return new ApiSettings(
            URI.create("http://127.0.0.1:0"),
            callers,
            new TtlRange(Duration.ofHours(6), Duration.ofMinutes(1), Duration.ofDays(1)),
            corsOrigins,
            List.of(STUN_URL),
            List.of(TURN_URL))
        .withTraffic(UNLIMITED);
  }

  /// With another provider's calls besides, and the rates that there are by default.
  public static ApiSettings speaking(Compatibility other, Callers callers) {
    var own = settings(callers, List.of());
    return new ApiSettings(
        own.listen(),
        own.callers(),
        own.ttl(),
        own.corsOrigins(),
        own.stunUrls(),
        own.turnUrls(),
        Set.of(other));
  }

  /// Callers with a key ring in a folder.
  public static Callers callers(Path folder) {
    return new Callers(
        List.of(KEY),
        new Tokens(List.of(JWT_SECRET), null, null, null, Tokens.Claims.NONE),
        folder.resolve("data/api-keys"));
  }

  /// Settings of an API that speaks others too, with several URLs to hand out.
  public static ApiSettings speaking(Set<Compatibility> others) {
    var own = settings();
    return new ApiSettings(
            own.listen(),
            own.callers(),
            own.ttl(),
            List.of("https://good.example"),
            own.stunUrls(),
            List.of(TURN_URL, TURNS_URL),
            others)
        .withTraffic(UNLIMITED);
  }

  /// Settings of an API that tenants share.
  public static ApiSettings withTenants(ApiTenant... tenants) {
    return withTenants(settings().callers(), tenants);
  }

  public static ApiSettings withTenants(Callers callers, ApiTenant... tenants) {
    var own = settings();
    return new ApiSettings(
            own.listen(),
            callers,
            own.ttl(),
            own.corsOrigins(),
            own.stunUrls(),
            own.turnUrls(),
            Set.of(),
            List.of(tenants))
        .withTraffic(UNLIMITED);
  }

  /// A tenant with a secret, URLs and lifetimes of its own.
  public static ApiTenant tenant(String name) {
    var tenant =
        new Tenant(name, name + ".example", "", SharedSecrets.of("secret of " + name), List.of());
    return new ApiTenant(
        name,
        tenant.realm(),
        new TtlRange(Duration.ofMinutes(10), Duration.ofMinutes(1), Duration.ofMinutes(15)),
        List.of("stun:" + name + ".example:3478"),
        List.of("turn:" + name + ".example:3478?transport=udp"),
        3,
        40,
        new CredentialIssuer(tenant, null));
  }

  /// The password of a username.
  public static String password(String username) {
    return password(SECRET, username);
  }

  static String password(String secret, String username) {
    try {
      var mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
      byte[] digest = mac.doFinal(username.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(digest);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public URI url() {
    return api.url();
  }

  public ApiMetrics metrics() {
    return api.metrics();
  }

  /// Starts a request without a key.
  public HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(api.url() + path)).timeout(Duration.ofSeconds(20));
  }

  /// Starts a request with a key or a token.
  public HttpRequest.Builder request(String path, String token) {
    return request(path).header("Authorization", "Bearer " + token);
  }

  public HttpResponse<String> get(String path) {
    return send(request(path));
  }

  public HttpResponse<String> get(String path, String token) {
    return send(request(path, token));
  }

  public HttpResponse<String> post(String token, String json) {
    return post("/v1/ice-servers", token, json);
  }

  public HttpResponse<String> post(String path, String token, String json) {
    return send(
        request(path, token)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json)));
  }

  public HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  public static String header(HttpResponse<?> response, String name) {
    return String.join("; ", response.headers().allValues(name));
  }

  public static String problem(int status, String title, String detail) {
    return "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}"
        .formatted(title, status, detail);
  }

  /// Takes calls of these callers from now on, and of no others.
  void apply(Callers callers) {
    api.apply(callers);
  }

  public void reloadBy(Reloader reloader) {
    api.reloadBy(reloader);
  }

  @Override
  public void close() {
    client.close();
    api.close();
  }
}

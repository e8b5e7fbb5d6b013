package dev.hairpin.deploy.browser;

import dev.hairpin.credentialapi.ApiSettings;
import dev.hairpin.credentialapi.Callers;
import dev.hairpin.credentialapi.CredentialApi;
import dev.hairpin.credentialapi.TtlRange;
import dev.hairpin.turnserver.auth.AuthSettings;
import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/// A TURN server with the default policy and the API that hands out its credentials, on loopback.
record Servers(TurnServer turn, CredentialApi api) implements AutoCloseable {
  static final String API_KEY = "key-of-the-browser-tests";

  static Servers start() {
    return start(TtlRange.DEFAULT, AuthSettings.DEFAULT_MAX_CREDENTIAL_TTL);
  }

  /// Credentials last so long, and no allocation outlives the one that it was made with.
  static Servers whoseCredentialsLast(Duration ttl) {
    return start(new TtlRange(ttl, Duration.ofSeconds(1), ttl), Duration.ZERO);
  }

  private static Servers start(TtlRange ttl, Duration grace) {
    return start("one and the same secret", "one and the same secret", ttl, grace);
  }

  /// The API signs with another secret than the TURN server knows.
  static Servers withUnequalSecrets() {
    return start(
        "what the API signs with",
        "what the TURN server knows",
        TtlRange.DEFAULT,
        AuthSettings.DEFAULT_MAX_CREDENTIAL_TTL);
  }

  private static Servers start(String signing, String verifying, TtlRange ttl, Duration grace) {
    var secrets = SharedSecrets.of(verifying);
    var auth =
        new AuthSettings(
            AuthSettings.DEFAULT_REALM,
            secrets,
            AuthSettings.DEFAULT_NONCE_LIFETIME,
            AuthSettings.DEFAULT_MAX_CREDENTIAL_TTL,
            null,
            grace,
            false,
            List.of());
    var turn =
        TurnServer.start(
            TurnSettings.of(secrets, ListenUrl.parse("udp://127.0.0.1:0")).but(d -> d.auth = auth));
    String address = turn.listenAddresses().getFirst().toString();
    var settings =
        new ApiSettings(
            URI.create("http://127.0.0.1:0"),
            new Callers(List.of(API_KEY), List.of()),
            ttl,
            List.of(),
            List.of("stun:" + address),
            List.of("turn:" + address + "?transport=udp"));
    var issuer = new CredentialIssuer(SharedSecrets.of(signing));
    return new Servers(turn, CredentialApi.start(settings, issuer, turn));
  }

  URI page() {
    return api.url().resolve("/");
  }

  @Override
  public void close() {
    api.close();
    turn.close();
  }
}

package dev.hairpin.deploy.browser;

import dev.hairpin.credentialapi.ApiSettings;
import dev.hairpin.credentialapi.Callers;
import dev.hairpin.credentialapi.CredentialApi;
import dev.hairpin.credentialapi.TtlRange;
import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import java.net.URI;
import java.util.List;

/// A TURN server with the default policy and the API that hands out its credentials, on loopback.
record Servers(TurnServer turn, CredentialApi api) implements AutoCloseable {
  static final String API_KEY = "key-of-the-browser-tests";

  static Servers start() {
    return start("one and the same secret", "one and the same secret");
  }

  /// The API signs with another secret than the TURN server knows.
  static Servers withUnequalSecrets() {
    return start("what the API signs with", "what the TURN server knows");
  }

  private static Servers start(String signing, String verifying) {
    var turn =
        TurnServer.start(
            TurnSettings.of(SharedSecrets.of(verifying), ListenUrl.parse("udp://127.0.0.1:0")));
    String address = turn.listenAddresses().getFirst().toString();
    var settings =
        new ApiSettings(
            URI.create("http://127.0.0.1:0"),
            new Callers(List.of(API_KEY), List.of()),
            TtlRange.DEFAULT,
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

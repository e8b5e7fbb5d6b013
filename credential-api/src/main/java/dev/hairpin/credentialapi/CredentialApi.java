package dev.hairpin.credentialapi;

import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.server.TurnServer;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/// The HTTP server of the credential API, until it is closed.
public final class CredentialApi implements AutoCloseable {
  private final ApiSettings settings;

  private CredentialApi(ApiSettings settings) {
    this.settings = settings;
  }

  /// Starts to serve.
  ///
  /// @param turnServer the TURN server in this process, whose health and counters are told; null
  ///   where it runs elsewhere
  public static CredentialApi start(
      ApiSettings settings, CredentialIssuer issuer, @Nullable TurnServer turnServer) {
    return new CredentialApi(settings);
  }

  /// Where the API answers, with the port that the system chose for port 0.
  public URI url() {
    return settings.listen();
  }

  @Override
  public void close() {}
}

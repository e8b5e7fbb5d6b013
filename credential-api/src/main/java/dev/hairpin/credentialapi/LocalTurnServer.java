package dev.hairpin.credentialapi;

import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.turnserver.server.TurnServer;
import io.micronaut.http.HttpStatus;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/// The TURN server of this process, for calls that make no sense without one.
@Singleton
public final class LocalTurnServer {
  private final @Nullable TurnServer server;

  LocalTurnServer(@Nullable TurnServer server) {
    this.server = server;
  }

  /// It, or a refusal where it runs elsewhere.
  public TurnServer get() {
    if (server == null) {
      throw new Refusal(HttpStatus.NOT_IMPLEMENTED, "the TURN server runs elsewhere");
    }
    return server;
  }

  /// Refuses credentials from now on.
  ///
  /// @param tenant whose they are; empty for the server's own
  /// @param entry in the form of [dev.hairpin.turnserver.credential.Revocations]
  public void revoke(String tenant, String entry) {
    try {
      get().revoke(tenant, entry);
    } catch (IllegalArgumentException e) {
      throw new Refusal(HttpStatus.BAD_REQUEST, "there is no such tenant");
    } catch (IllegalStateException e) { // too many are kept
      throw new Refusal(HttpStatus.SERVICE_UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }
}

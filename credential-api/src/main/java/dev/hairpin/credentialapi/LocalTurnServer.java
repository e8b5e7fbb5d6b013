package dev.hairpin.credentialapi;

import dev.hairpin.credentialapi.RevokedFile.Revocation;
import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.turnserver.server.TurnServer;
import io.micronaut.context.annotation.Context;
import io.micronaut.http.HttpStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The TURN server of this process, for calls that make no sense without one. What is revoked
/// through here is kept in a file, and revoked again at the next start.
@Context
public final class LocalTurnServer {
  private static final Logger LOG = LoggerFactory.getLogger(LocalTurnServer.class);

  private final @Nullable TurnServer server;
  private final @Nullable RevokedFile file;
  private final InstantSource clock;

  LocalTurnServer(@Nullable TurnServer server, ApiSettings settings, InstantSource clock) {
    var path = settings.revokedFile();
    this.server = server;
    this.file = path == null || server == null ? null : new RevokedFile(path);
    this.clock = clock;
    if (file != null) {
      revokeAgain(file, get());
    }
  }

  private void revokeAgain(RevokedFile kept, TurnServer turn) {
    long grace = turn.settings().auth().grace().toSeconds();
    try {
      for (var revocation : kept.read(clock.instant().getEpochSecond() - grace)) {
        revokeAgain(revocation, turn);
      }
      var _ = turn.disconnectRevoked(); // who came before the file was read
    } catch (IOException e) {
      throw new UncheckedIOException("what was revoked cannot be read: " + e.getMessage(), e);
    }
  }

  /// The tenant may have gone, and its credentials with it.
  private static void revokeAgain(Revocation revocation, TurnServer turn) {
    try {
      turn.revoke(revocation.tenant(), revocation.entry());
    } catch (IllegalArgumentException e) {
      LOG.warn("a revocation of {} is passed over: {}", revocation.tenant(), e.getMessage());
    }
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
    var turn = get();
    var revocation = new Revocation(tenant, lasting(entry, turn));
    try {
      turn.revoke(tenant, revocation.entry());
    } catch (IllegalStateException e) { // too many are kept
      throw new Refusal(HttpStatus.SERVICE_UNAVAILABLE, String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      throw Refusal.badRequest("there is no such tenant");
    }
    keep(revocation);
  }

  /// All of a user, by the end that the last of its credentials can have now: later ones are good,
  /// after the next start too.
  private String lasting(String entry, TurnServer turn) {
    long end =
        clock.instant().getEpochSecond() + turn.settings().auth().maxCredentialTtl().toSeconds();
    return entry.startsWith("*") ? "<" + (end + 1) + entry.substring(1) : entry;
  }

  private void keep(Revocation revocation) {
    try {
      if (file != null) {
        file.add(revocation);
      }
    } catch (IOException e) {
      LOG.error("a revocation is in force, but cannot be kept", e);
      throw new Refusal(
          HttpStatus.SERVICE_UNAVAILABLE, "it is revoked until the next start: the log says why");
    }
  }
}

package dev.hairpin.credentialapi.signaling;

import dev.hairpin.credentialapi.auth.Bounds;
import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.turnserver.credential.UserId;
import java.time.Instant;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a room token says.
///
/// @param tenant whose room it is; null for the server's own
/// @param user of the credentials; null where each participant gets a random one
/// @param bounds of the credentials
record Invitation(
    String room, @Nullable String tenant, @Nullable UserId user, Bounds bounds, Instant expiresAt) {
  static final Pattern ROOM = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._~-]{1,64}");

  /// For whom credentials are issued.
  Caller holder() {
    return new Caller("room", Set.of(), tenant, user, bounds);
  }
}

package dev.hairpin.credentialapi.signaling;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.hairpin.credentialapi.RoomSettings;
import dev.hairpin.credentialapi.auth.Bounds;
import dev.hairpin.credentialapi.tenant.Tenants;
import dev.hairpin.turnserver.credential.UserId;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Tokens that let whoever holds one into one room: JWTs by HS256, of a type of their own, under
/// keys derived from the secrets of credentials. So they outlive a restart, are good at every
/// server with the same secrets, and are never taken for a token of another kind.
@Singleton
@Requires(property = RoomSettings.PROPERTY)
final class RoomTokens {
  static final int MAX_LENGTH = 2048;
  static final String TYPE = "room+jwt";

  private static final String LABEL = "hairpin room token 1";

  private final Tenants tenants;
  private final InstantSource clock;

  RoomTokens(Tenants tenants, InstantSource clock) {
    this.tenants = tenants;
    this.clock = clock;
  }

  String sign(Invitation invitation) {
    var claims =
        new JWTClaimsSet.Builder()
            .claim("room", invitation.room())
            .expirationTime(Date.from(invitation.expiresAt()));
    var user = invitation.user();
    var bounds = invitation.bounds();
    var maxTtl = bounds.maxTtl();
    if (user != null) {
      claims.subject(user.text());
    }
    if (invitation.tenant() != null) {
      claims.claim("tenant", invitation.tenant());
    }
    if (!bounds.limits().isEmpty()) {
      claims.claim("limits", bounds.limitsText());
    }
    if (maxTtl != null) {
      claims.claim("ttl", maxTtl.toSeconds());
    }
    var header = new JWSHeader.Builder(JWSAlgorithm.HS256).type(new JOSEObjectType(TYPE)).build();
    try {
      var token = new SignedJWT(header, claims.build());
      token.sign(new MACSigner(keys(invitation.tenant()).getFirst()));
      return token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException("a room token cannot be signed", e);
    }
  }

  /// What a token says.
  ///
  /// @throws Ending where it is none of ours, or has ended
  Invitation read(@Nullable String token) throws Ending {
    var invitation = token == null || token.length() > MAX_LENGTH ? null : verified(token);
    if (invitation == null) {
      throw new Ending(End.BAD_TOKEN, "a token for a room of this server is needed");
    }
    if (!clock.instant().isBefore(invitation.expiresAt())) {
      throw new Ending(End.EXPIRED_TOKEN, "the token has ended; ask for another one");
    }
    return invitation;
  }

  private @Nullable Invitation verified(String token) {
    try {
      var jwt = SignedJWT.parse(token);
      var header = jwt.getHeader();
      boolean isOurKind =
          JWSAlgorithm.HS256.equals(header.getAlgorithm())
              && new JOSEObjectType(TYPE).equals(header.getType())
              && header.getCriticalParams() == null
              && header.getCustomParam("zip") == null;
      // only chooses among the keys until the signature is known to be good
      var said = isOurKind ? jwt.getPayload().toJSONObject() : null;
      return said != null && isSigned(jwt, text(said, "tenant")) ? invitation(said) : null;
    } catch (ParseException | JOSEException | IllegalArgumentException _) { // quotes the token
      return null;
    }
  }

  private boolean isSigned(SignedJWT jwt, @Nullable String tenant) throws JOSEException {
    for (byte[] key : keys(tenant)) {
      if (jwt.verify(new MACVerifier(key))) {
        return true;
      }
    }
    return false;
  }

  private List<byte[]> keys(@Nullable String name) {
    var tenant = tenants.find(name);
    return tenant == null ? List.of() : tenant.issuer().keysFor(LABEL, clock.instant());
  }

  private static @Nullable Invitation invitation(Map<String, Object> said) {
    String room = text(said, "room");
    String user = text(said, "sub");
    String limits = text(said, "limits");
    if (room == null
        || !Invitation.ROOM.matcher(room).matches()
        || !(said.get("exp") instanceof Number end)) {
      return null;
    }
    var bounds =
        new Bounds(
            said.get("ttl") instanceof Number ttl ? Duration.ofSeconds(ttl.longValue()) : null,
            limits == null ? Map.of() : Bounds.readLimits(limits),
            false);
    return new Invitation(
        room,
        text(said, "tenant"),
        user == null ? null : new UserId(user),
        bounds,
        Instant.ofEpochSecond(end.longValue()));
  }

  private static @Nullable String text(Map<String, Object> said, String name) {
    return said.get(name) instanceof String text ? text : null;
  }
}

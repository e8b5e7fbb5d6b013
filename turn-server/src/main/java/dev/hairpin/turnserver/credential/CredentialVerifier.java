package dev.hairpin.turnserver.credential;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Says which usernames are good, and by which secrets their passwords are made. Who holds a
/// password is shown by its MESSAGE-INTEGRITY alone. Secrets, revocations and tenants may be
/// changed while it is in use, by any thread.
public final class CredentialVerifier {
  private final long maxTtlSeconds;
  private final long graceSeconds;
  private volatile Trusted own;
  private volatile Tenants tenants = new Tenants(Map.of(), Map.of(), 0);

  /// What a credential that somebody shows is worth now.
  public enum Standing {
    GOOD,
    EXPIRED,
    REVOKED,
    /// It is malformed, of no tenant here, or has another password.
    UNKNOWN
  }

  /// @param realm null where the server's own is meant
  private record Trusted(SharedSecrets secrets, Revocations revocations, @Nullable String realm) {}

  /// @param realms by the hosts that clients name; empty where two tenants share a host
  /// @param mostSecrets that any of them has
  private record Tenants(
      Map<String, Trusted> byName, Map<String, String> realms, int mostSecrets) {}

  /// @param maxTtl credentials that end later than this from now are refused: nobody who once held
  ///   a secret can make one for ever
  /// @param grace how long an allocation may outlive the credential that it was made with
  public CredentialVerifier(SharedSecrets secrets, Duration maxTtl, Duration grace) {
    this.own = new Trusted(secrets, new Revocations(""), null);
    this.maxTtlSeconds = maxTtl.toSeconds();
    this.graceSeconds = grace.toSeconds();
  }

  /// What a username says, or null where it has no right password: it is malformed, has expired,
  /// ends too far ahead, or is of no tenant here. Does not ask whether it is revoked;
  /// [#remainingSeconds] does.
  public @Nullable CredentialUsername verify(String username, long nowSeconds) {
    var parsed = CredentialUsername.parse(username);
    if (parsed == null || !knows(parsed)) {
      return null;
    }
    long remaining = parsed.expiresAtSeconds() - nowSeconds;
    return remaining > 0 && remaining <= maxTtlSeconds ? parsed : null;
  }

  /// What a credential is worth.
  ///
  /// @param password null where it is not at hand, and so not asked for
  public Standing standing(String username, @Nullable String password, long nowSeconds) {
    var credential = CredentialUsername.parse(username);
    if (credential == null
        || !knows(credential)
        || (password != null && !isPassword(credential, username, password, nowSeconds))) {
      return Standing.UNKNOWN;
    }
    return isRevoked(credential)
        ? Standing.REVOKED
        : verify(username, nowSeconds) == null ? Standing.EXPIRED : Standing.GOOD;
  }

  private boolean isPassword(
      CredentialUsername credential, String username, String password, long nowSeconds) {
    byte[] shown = password.getBytes(StandardCharsets.UTF_8);
    var mac = SharedSecrets.newMac();
    boolean found = false;
    for (var secret : accepted(credential, nowSeconds)) {
      byte[] right = secret.password(mac, username).getBytes(StandardCharsets.UTF_8);
      found |= MessageDigest.isEqual(right, shown);
    }
    return found;
  }

  /// How long an allocation of a credential may go on: past the credential's end, but not past its
  /// revocation. 0 or less where it may not.
  public long remainingSeconds(CredentialUsername owner, long nowSeconds) {
    return isRevoked(owner) ? 0 : owner.expiresAtSeconds() + graceSeconds - nowSeconds;
  }

  /// Whether a credential is the server's own, or of a tenant that there is now.
  public boolean knows(CredentialUsername credential) {
    return trusted(credential.scope().tenant()) != null;
  }

  private @Nullable Trusted trusted(String tenant) {
    return tenant.isEmpty() ? own : tenants.byName().get(tenant);
  }

  /// With a tenant all of its credentials go.
  public boolean isRevoked(CredentialUsername credential) {
    var its = trusted(credential.scope().tenant());
    return its == null || its.revocations().cover(credential);
  }

  /// Whether a realm is that of a credential's tenant.
  public boolean isRealmOf(CredentialUsername credential, String realm) {
    var its = trusted(credential.scope().tenant());
    return its != null && realm.equals(its.realm());
  }

  /// The realm of the tenant whose host a client names, or null.
  public @Nullable String realmAt(String host) {
    String realm = tenants.realms().get(host.toLowerCase(Locale.ROOT));
    return realm == null || realm.isEmpty() ? null : realm;
  }

  /// Revokes what an entry names, in the form of [Revocations], among the credentials that there
  /// can be now. It is forgotten once they could not be used any more.
  ///
  /// @param tenant whose credentials; empty for the server's own
  /// @throws IllegalArgumentException where there is no such tenant, or this is no entry of it
  /// @throws IllegalStateException where too many are kept
  public void revoke(String tenant, String entry, long nowSeconds) {
    var its = trusted(tenant);
    if (its == null) {
      throw new IllegalArgumentException("there is no tenant " + tenant);
    }
    its.revocations().add(entry, nowSeconds + maxTtlSeconds, nowSeconds - graceSeconds);
  }

  /// Puts a list in the place of the former one; what was revoked singly stays so.
  ///
  /// @throws IllegalArgumentException with the first bad entry, and nothing is changed
  public void list(Collection<String> entries, long nowSeconds) {
    own.revocations().list(entries, nowSeconds - graceSeconds);
  }

  /// Puts these secrets in the place of the former ones.
  public void apply(SharedSecrets next) {
    own = new Trusted(next, own.revocations(), null);
  }

  /// Knows these tenants from now on, and no others. What was revoked singly stays so.
  public synchronized void apply(Collection<Tenant> next, long nowSeconds) {
    var byName = new HashMap<String, Trusted>();
    var realms = new HashMap<String, String>();
    int most = 0;
    for (var tenant : next) {
      var before = tenants.byName().get(tenant.name());
      var its = before == null ? new Revocations(tenant.name()) : before.revocations();
      its.list(tenant.revoked(), nowSeconds - graceSeconds);
      byName.put(tenant.name(), new Trusted(tenant.secrets(), its, tenant.realm()));
      realms.merge(
          tenant.host().toLowerCase(Locale.ROOT),
          tenant.realm(),
          (one, other) -> one.equals(other) ? one : "");
      most = Math.max(most, tenant.secrets().size());
    }
    tenants = new Tenants(Map.copyOf(byName), Map.copyOf(realms), most);
  }

  /// The secrets that a password may be made by, the server's own for nobody's username. There are
  /// as many for everybody.
  public List<SharedSecrets.Secret> accepted(
      @Nullable CredentialUsername credential, long nowSeconds) {
    var its = credential == null ? null : trusted(credential.scope().tenant());
    var servers = own;
    var secrets = (its == null ? servers : its).secrets();
    int most = Math.max(servers.secrets().size(), tenants.mostSecrets());
    return secrets.accepted(nowSeconds, most);
  }
}

package dev.hairpin.turnserver.credential;

import static dev.hairpin.turnserver.net.Checks.require;

import java.util.List;

/// One of several who share a server, and what its credentials are verified by.
///
/// @param name of [CredentialScope#tenant()]
/// @param realm that its clients may state instead of the server's
/// @param host a client that names it in TLS is challenged with the realm; empty for none
/// @param secrets nobody else's
/// @param revoked its credentials that are refused, in the form of [Revocations]
public record Tenant(
    String name, String realm, String host, SharedSecrets secrets, List<String> revoked) {
  private static final int MAX_REALM = 127;

  public Tenant {
    require(!name.isEmpty(), "a tenant has a name");
    CredentialScope.requireTenant(name);
    requireRealm(realm);
    revoked = List.copyOf(revoked);
    Revocations.requireEntries(name, revoked);
  }

  /// Checks what is to go into REALM.
  ///
  /// @throws IllegalArgumentException where a text cannot
  public static void requireRealm(String realm) {
    boolean isPlain = realm.chars().noneMatch(c -> c < ' ' || c == '"');
    require(
        isPlain && !realm.isEmpty() && realm.length() <= MAX_REALM,
        "a realm has 1 to " + MAX_REALM + " characters, no quotes and no control characters");
    require(realm.equals(OpaqueString.enforce(realm)), "a realm is written in Unicode's form NFC");
  }
}

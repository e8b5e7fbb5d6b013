package dev.hairpin.credentialapi.auth;

import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The plain keys of a file, each of which may do everything. Compares digests of equal length,
/// always with all keys, so that the time it takes tells nothing about them.
final class ApiKeys {
  private static final Caller HOLDER = new Caller("key-file", Scope.ALL);

  private final List<byte[]> digests;

  ApiKeys(List<String> keys) {
    digests = keys.stream().map(Digests::sha256).toList();
  }

  /// Null where the token is none of these.
  @Nullable Caller find(String token) {
    byte[] digest = Digests.sha256(token);
    boolean known = false;
    for (byte[] candidate : digests) {
      known |= MessageDigest.isEqual(candidate, digest);
    }
    return known ? HOLDER : null;
  }
}

package dev.hairpin.credentialapi.auth;

import java.security.MessageDigest;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The plain keys of a file, each of which may do everything. Compares digests of equal length,
/// always with all keys, so that the time it takes tells nothing about them.
final class ApiKeys {
  private final List<byte[]> digests;

  /// In the same order, named by it.
  private final List<Caller> holders;

  ApiKeys(List<String> keys) {
    digests = keys.stream().map(Digests::sha256).toList();
    holders =
        IntStream.rangeClosed(1, keys.size())
            .mapToObj(i -> new Caller("key-file:" + i, Scope.ALL))
            .toList();
  }

  /// Null where the token is none of these.
  @Nullable Caller find(String token) {
    byte[] digest = Digests.sha256(token);
    Caller found = null;
    for (int i = 0; i < digests.size(); i++) {
      found = MessageDigest.isEqual(digests.get(i), digest) ? holders.get(i) : found;
    }
    return found;
  }
}

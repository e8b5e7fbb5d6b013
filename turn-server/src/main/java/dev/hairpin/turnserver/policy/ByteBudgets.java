package dev.hairpin.turnserver.policy;

import dev.hairpin.turnserver.credential.CredentialUsername;
import java.util.Comparator;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// What the credentials that are for so many bytes have left, for all loops; asked where an
/// allocation begins. A credential is forgotten when no allocation of it may live any more; where
/// there are too many, those that end first.
final class ByteBudgets {
  /// Some 80 MB at most.
  static final int MAX = 1 << 18;

  final TreeMap<CredentialUsername, AtomicLong> left =
      new TreeMap<>(
          Comparator.comparingLong(CredentialUsername::expiresAtSeconds)
              .thenComparing(CredentialUsername::format));

  /// @param endNanos when an allocation of this credential is to end
  synchronized AtomicLong of(CredentialUsername credential, long endNanos, long nowNanos) {
    var known = left.get(credential);
    if (known == null) {
      long livesSeconds = TimeUnit.NANOSECONDS.toSeconds(endNanos - nowNanos);
      long endedSeconds = credential.expiresAtSeconds() - livesSeconds;
      while (!left.isEmpty()
          && (left.size() >= MAX || left.firstKey().expiresAtSeconds() < endedSeconds)) {
        left.pollFirstEntry();
      }
      known = new AtomicLong(credential.scope().bytes());
      left.put(credential, known);
    }
    return known;
  }
}

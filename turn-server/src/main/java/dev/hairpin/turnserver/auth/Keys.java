package dev.hairpin.turnserver.auth;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.credential.SharedSecrets.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/// Makes the keys of the long-term credential mechanism (RFC 8489 §9.2.2) from secrets, and keeps
/// some that were shown to be right: nobody without a password fills it. Confined to one thread.
final class Keys {
  static final int MAX_KEPT = 4_096;

  private final Mac mac = SharedSecrets.newMac();
  private final Map<PasswordAlgorithm, MessageDigest> digests =
      new EnumMap<>(PasswordAlgorithm.class);
  final LinkedHashMap<Name, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);

  /// What a key is for.
  record Name(String username, String realm, PasswordAlgorithm algorithm) {}

  record Kept(Secret secret, byte[] key) {}

  byte[] make(Name name, Secret secret) {
    var text = name.username() + ":" + name.realm() + ":" + secret.password(mac, name.username());
    var digest = digests.computeIfAbsent(name.algorithm(), PasswordAlgorithm::newDigest);
    return digest.digest(text.getBytes(StandardCharsets.UTF_8));
  }

  /// Null where none is kept, or it was made by another secret.
  byte @Nullable [] find(Name name, List<Secret> accepted) {
    var entry = kept.get(name);
    return entry != null && accepted.contains(entry.secret()) ? entry.key() : null;
  }

  /// Those that nobody has asked for the longest give way.
  void keep(Name name, Secret secret, byte[] key) {
    kept.put(name, new Kept(secret, key));
    if (kept.size() > MAX_KEPT) {
      kept.pollFirstEntry();
    }
  }
}

package dev.hairpin.credentialapi.auth;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the key ring knows of a key: never the key itself, which is shown once, when it is made.
///
/// @param id 16 digits in hexadecimal, the time first: ids rise as keys are made
/// @param hash of the whole key, by SHA-256 in hexadecimal. A key has 256 random bits, which nobody
///   guesses; a slow hash, as passwords need it, would only cost time
/// @param former the key before the last rotation, while it is still good
public record ApiKey(
    String id, KeyWish wish, String hash, Instant created, @Nullable Former former) {
  /// For how long a credential lasts that a key for pages gets.
  private static final Duration MAX_TTL_OF_PAGES = Duration.ofHours(1);

  private static final Pattern ID = Pattern.compile("[0-9a-f]{16}");
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  /// A hash that stays good for a while.
  public record Former(String hash, Instant until) {
    public Former {
      requireHash(hash);
    }
  }

  public ApiKey {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException("id is 16 hexadecimal digits in small letters");
    }
    requireHash(hash);
  }

  private static void requireHash(String hash) {
    if (!HASH.matcher(hash).matches()) {
      throw new IllegalArgumentException("hash is 64 hexadecimal digits in small letters");
    }
  }

  /// Whether it has not expired.
  public boolean isLive(Instant now) {
    var end = wish.expires();
    return end == null || now.isBefore(end);
  }

  public String name() {
    return wish.name();
  }

  public @Nullable String tenant() {
    return wish.tenant();
  }

  public Set<Scope> scopes() {
    return wish.scopes();
  }

  /// The origins of the pages that it is for; none where it is for servers.
  public List<String> origins() {
    return wish.origins();
  }

  public boolean isForPages() {
    return !origins().isEmpty();
  }

  /// Whoever shows it.
  Caller caller() {
    boolean pages = isForPages();
    var bounds =
        new Bounds(pages ? MAX_TTL_OF_PAGES : null, Bounds.readLimits(wish.limits()), pages);
    return new Caller("key:" + id, scopes(), tenant(), null, bounds);
  }
}

package dev.hairpin.credentialapi.keys;

import dev.hairpin.credentialapi.auth.ApiKey;
import dev.hairpin.credentialapi.auth.KeyRing.NewKey;
import dev.hairpin.credentialapi.http.Refusal;
import io.micronaut.http.HttpStatus;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Lets a caller that saw no answer ask once more, and not make a second key: calls with the same
/// `Idempotency-Key` and body get the same answer for a day. A secret is kept for ten minutes; who
/// asks later is told that the key was made. In memory, for the last 1,000 keys.
@Singleton
final class Replays {
  private static final Duration REMEMBER = Duration.ofDays(1);
  private static final Duration KEEP_SECRET = Duration.ofMinutes(10);
  private static final int MAX_ENTRIES = 1_000;
  private static final Pattern FORM = Pattern.compile("[!-~]{1,255}");

  private final InstantSource clock;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private static final class Entry {
    final byte[] body;
    final Instant made;
    final ApiKey key;
    volatile @Nullable String secret;

    Entry(byte[] body, Instant made, NewKey key) {
      this.body = body;
      this.made = made;
      this.key = key.key();
      this.secret = key.secret();
    }

    void forget() {
      secret = null;
    }
  }

  Replays(InstantSource clock) {
    this.clock = clock;
  }

  /// Makes a key, or tells of the one that a call before has made. One call at a time: two that are
  /// the same may come together.
  ///
  /// @param caller whose calls these are
  /// @param header what it calls them by
  synchronized KeyAnswer once(String caller, String header, byte[] body, Supplier<NewKey> making) {
    if (!FORM.matcher(header).matches()) {
      throw Refusal.badRequest("Idempotency-Key has 1 to 255 visible characters of ASCII");
    }
    var now = clock.instant();
    entries.values().removeIf(entry -> !now.isBefore(entry.made.plus(REMEMBER)));
    String name =
        HexFormat.of().formatHex(sha256((caller + "\n" + header).getBytes(StandardCharsets.UTF_8)));
    var former = entries.get(name);
    return former == null ? make(name, body, making.get(), now) : replay(former, body, now);
  }

  private KeyAnswer make(String name, byte[] body, NewKey key, Instant now) {
    var entry = new Entry(sha256(body), now, key);
    entries.put(name, entry);
    if (entries.size() > MAX_ENTRIES) {
      entries.remove(entries.keySet().iterator().next());
    }
    CompletableFuture.delayedExecutor(KEEP_SECRET.toSeconds(), TimeUnit.SECONDS)
        .execute(entry::forget);
    return KeyAnswer.of(key.key(), key.secret());
  }

  private static KeyAnswer replay(Entry entry, byte[] body, Instant now) {
    if (!Arrays.equals(entry.body, sha256(body))) {
      throw new Refusal(
          HttpStatus.UNPROCESSABLE_ENTITY, "this Idempotency-Key came with another body before");
    }
    if (!now.isBefore(entry.made.plus(KEEP_SECRET))) {
      entry.forget();
    }
    String secret = entry.secret;
    if (secret == null) {
      throw new Refusal(
          HttpStatus.CONFLICT,
          "the key " + entry.key.id() + " was made, and is told no more; rotate or delete it");
    }
    return KeyAnswer.of(entry.key, secret);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256", e);
    }
  }
}

package dev.hairpin.credentialapi.auth;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keys of which a file knows the hashes: `hp_ID_SECRET`, with 256 random bits in the secret. The
/// file may change at any time, by this process or another; it is looked at once a second at most.
/// Where it cannot be read, what was read before stays in force. Any thread may call.
public final class KeyRing {
  private static final Logger LOG = LoggerFactory.getLogger(KeyRing.class);
  private static final String PREFIX = "hp_";
  private static final int SECRET_BYTES = 32;
  private static final Duration LOOK = Duration.ofSeconds(1);

  /// For how long a key is told of that has expired.
  private static final Duration REMEMBER = Duration.ofDays(30);

  private static final SecureRandom RANDOM = new SecureRandom();

  private final KeyRingFile file;
  private final InstantSource clock;
  private final ReentrantLock looking = new ReentrantLock();
  private volatile View view;
  private volatile Instant looked;

  /// A new secret of a key, to be shown once.
  public record NewKey(ApiKey key, String secret) {
    @Override
    public String toString() {
      return "NewKey[" + key.id() + "]";
    }
  }

  /// A hash in force.
  ///
  /// @param until null where the key says it
  private record Held(ApiKey key, @Nullable Instant until) {
    boolean isGood(Instant now) {
      return key.isLive(now) && (until == null || now.isBefore(until));
    }
  }

  /// What was read, and of which file.
  private record View(
      KeyRingFile.Stamp stamp, List<ApiKey> keys, Map<String, Held> byHash, List<ApiKey> forPages) {
    View(KeyRingFile.Stamp stamp, List<ApiKey> keys) {
      this(
          stamp,
          keys.stream().sorted(Comparator.comparing(ApiKey::id)).toList(),
          byHash(keys),
          keys.stream().filter(ApiKey::isForPages).toList());
    }

    private static Map<String, Held> byHash(List<ApiKey> keys) {
      var held = new HashMap<String, Held>();
      for (var key : keys) {
        held.put(key.hash(), new Held(key, null));
        var former = key.former();
        if (former != null) {
          held.put(former.hash(), new Held(key, former.until()));
        }
      }
      return held;
    }

    View of(KeyRingFile.Stamp other) {
      return new View(other, keys, byHash, forPages);
    }
  }

  private KeyRing(KeyRingFile file, InstantSource clock, View view) {
    this.file = file;
    this.clock = clock;
    this.view = view;
    this.looked = clock.instant();
  }

  /// Reads a file; where there is none, there is no key yet.
  ///
  /// @throws IllegalArgumentException where it cannot be read, with file and line
  public static KeyRing open(Path path, InstantSource clock) {
    var file = new KeyRingFile(path);
    try {
      var stamp = file.stamp();
      boolean isThere = !stamp.equals(KeyRingFile.Stamp.NONE);
      return new KeyRing(file, clock, new View(stamp, isThere ? file.read() : List.of()));
    } catch (IOException e) {
      throw new IllegalArgumentException("the key ring cannot be read: " + e, e);
    }
  }

  Path path() {
    return file.path();
  }

  /// The key that a token is; null where it is none, or none any more.
  @Nullable ApiKey find(String token) {
    if (!token.startsWith(PREFIX)) {
      return null;
    }
    var now = clock.instant();
    var held = view(now).byHash.get(Digests.sha256Hex(token));
    return held != null && held.isGood(now) ? held.key : null;
  }

  /// Whether pages of an origin have a key.
  boolean admits(String origin) {
    var now = clock.instant();
    return view(now).forPages.stream()
        .anyMatch(key -> key.origins().contains(origin) && key.isLive(now));
  }

  /// All keys by their ids, those that have expired as well.
  public List<ApiKey> keys() {
    return view(clock.instant()).keys;
  }

  public Optional<ApiKey> get(String id) {
    return keys().stream().filter(key -> key.id().equals(id)).findFirst();
  }

  private View view(Instant now) {
    boolean isDue = Duration.between(looked, now).abs().compareTo(LOOK) >= 0;
    if (isDue && looking.tryLock()) {
      try {
        looked = now;
        look();
      } finally {
        looking.unlock();
      }
    }
    return view;
  }

  private void look() {
    var known = view;
    var stamp = known.stamp;
    try {
      stamp = file.stamp();
      if (!stamp.equals(known.stamp)) {
        view = new View(stamp, file.read());
        LOG.info("{} has been read again: {} keys", file.path(), view.keys.size());
      }
    } catch (NoSuchFileException _) {
      complain(known.of(stamp), "the file has gone");
    } catch (IOException e) {
      complain(known.of(stamp), e.toString());
    } catch (IllegalArgumentException e) {
      complain(known.of(stamp), String.valueOf(e.getMessage()));
    }
  }

  private void complain(View next, String problem) {
    view = next;
    LOG.error("the keys that {} held before stay in force: {}", file.path(), problem);
  }

  /// Makes a key.
  ///
  /// @throws KeyConflict where its name is taken, or there are too many
  /// @throws IllegalArgumentException where the file is garbled
  public NewKey create(KeyWish wish) throws IOException {
    var now = now();
    String id = HexFormat.of().toHexDigits(now.getEpochSecond(), 8) + randomHex(4);
    String secret = secret(id);
    var key = new ApiKey(id, wish, Digests.sha256Hex(secret), now, null);
    change(
        keys -> {
          requireFree(wish, keys, now);
          var more = new ArrayList<>(keys);
          more.add(key);
          return more;
        });
    return new NewKey(key, secret);
  }

  private static void requireFree(KeyWish wish, List<ApiKey> keys, Instant now) {
    for (var key : keys) {
      if (key.isLive(now)
          && key.name().equals(wish.name())
          && Objects.equals(key.tenant(), wish.tenant())) {
        throw new KeyConflict("name is taken by the key " + key.id());
      }
    }
  }

  /// Takes a key out of force at once.
  ///
  /// @return whether there was one
  public boolean revoke(String id) throws IOException {
    var found = new ArrayList<ApiKey>();
    change(
        keys -> {
          var rest = new ArrayList<>(keys);
          keys.stream().filter(key -> key.id().equals(id)).forEach(found::add);
          rest.removeAll(found);
          return rest;
        });
    return !found.isEmpty();
  }

  /// Gives a key a new secret.
  ///
  /// @param overlap for how long the one that it has now stays good; the one before that ends
  /// @return empty where there is no such key
  public Optional<NewKey> rotate(String id, Duration overlap) throws IOException {
    var now = now();
    String secret = secret(id);
    var rotated = new ArrayList<ApiKey>();
    change(
        keys -> {
          var next = new ArrayList<ApiKey>();
          for (var key : keys) {
            boolean isMeant = key.id().equals(id);
            next.add(isMeant ? rotated(key, secret, now, overlap) : key);
            if (isMeant) {
              rotated.add(next.getLast());
            }
          }
          return next;
        });
    return rotated.stream().findFirst().map(key -> new NewKey(key, secret));
  }

  private static ApiKey rotated(ApiKey key, String secret, Instant now, Duration overlap) {
    var former = overlap.isPositive() ? new ApiKey.Former(key.hash(), now.plus(overlap)) : null;
    return new ApiKey(key.id(), key.wish(), Digests.sha256Hex(secret), key.created(), former);
  }

  /// Changes the file and, at once, what is in force here.
  private void change(UnaryOperator<List<ApiKey>> change) throws IOException {
    looking.lock();
    try {
      var end = now().minus(REMEMBER);
      var keys =
          file.change(
              all -> {
                var next = new ArrayList<>(change.apply(all));
                next.removeIf(key -> !key.isLive(end));
                return next;
              });
      view = new View(file.stamp(), keys);
    } finally {
      looking.unlock();
    }
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS);
  }

  private static String secret(String id) {
    return PREFIX
        + id
        + "_"
        + Base64.getUrlEncoder().withoutPadding().encodeToString(random(SECRET_BYTES));
  }

  private static String randomHex(int bytes) {
    return HexFormat.of().formatHex(random(bytes));
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    RANDOM.nextBytes(bytes);
    return bytes;
  }
}

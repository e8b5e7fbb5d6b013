package dev.hairpin.credentialapi.auth;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the published keys of an issuer. They are fetched when one is looked for that is not
/// there, and after a quarter of an hour; one fetch at a time, and ten seconds apart however many
/// tokens name keys that do not exist. While the issuer cannot be reached the last keys are good
/// for a day.
final class JwkStore {
  private static final Logger LOG = LoggerFactory.getLogger(JwkStore.class);
  private static final Duration FRESH = Duration.ofMinutes(15);
  private static final Duration GOOD = Duration.ofDays(1);
  private static final Duration APART = Duration.ofSeconds(10);
  private static final int MAX_KID = 128;
  private static final int MAX_CANDIDATES = 5;

  private final URI url;
  private final ReentrantLock fetching = new ReentrantLock();
  private volatile Held held = new Held(new JWKSet(), Instant.MIN);
  private @Nullable Instant tried;

  private record Held(JWKSet keys, Instant fetched) {
    List<JWK> find(JWSHeader header, Instant now) {
      return isYounger(GOOD, now)
          ? new JWKSelector(JWKMatcher.forJWSHeader(header))
              .select(keys).stream().limit(MAX_CANDIDATES).toList()
          : List.of();
    }

    boolean isYounger(Duration age, Instant now) {
      return fetched.isAfter(now.minus(age));
    }
  }

  JwkStore(URI url) {
    this.url = url;
  }

  URI url() {
    return url;
  }

  /// The keys that can have made a signature, by `kid` where the header has one. May wait for a
  /// fetch; not for an event loop.
  List<JWK> find(JWSHeader header, Instant now) {
    String kid = header.getKeyID();
    if (kid != null && kid.length() > MAX_KID) {
      return List.of();
    }
    var known = held;
    var found = known.find(header, now);
    if (!found.isEmpty() && known.isYounger(FRESH, now)) {
      return found;
    }
    refresh(known, !found.isEmpty(), now);
    return held.find(header, now);
  }

  /// @param hasOther whether the former keys will do while another thread fetches
  private void refresh(Held known, boolean hasOther, Instant now) {
    if (hasOther ? !fetching.tryLock() : !lock()) {
      return;
    }
    try {
      boolean isDue = tried == null || Duration.between(tried, now).abs().compareTo(APART) >= 0;
      if (held.fetched.equals(known.fetched) && isDue) {
        tried = now;
        held = new Held(JwksFetcher.fetch(url), now);
        LOG.info("{} publishes {} keys", url, held.keys.size());
      }
    } catch (IOException e) {
      LOG.warn("the keys of {} cannot be fetched: {}", url, e.getMessage());
    } finally {
      fetching.unlock();
    }
  }

  private boolean lock() {
    fetching.lock();
    return true;
  }
}

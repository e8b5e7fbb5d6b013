package dev.hairpin.credentialapi.auth;

import dev.hairpin.credentialapi.ApiSettings;
import dev.hairpin.credentialapi.Callers;
import dev.hairpin.credentialapi.http.Refusal;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Knows everybody who may call, by what they show.
@Singleton
public final class KnownCallers {
  private final InstantSource clock;
  private final Set<String> corsOrigins;
  private volatile Known known;

  private record Known(ApiKeys keys, @Nullable KeyRing ring, Jwts jwts) {}

  KnownCallers(InstantSource clock, ApiSettings settings) {
    this.clock = clock;
    this.corsOrigins = Set.copyOf(settings.corsOrigins());
    this.known = known(settings.callers(), null, null);
  }

  /// Knows these from now on, and no others. Any thread may call.
  public void apply(Callers callers) {
    var former = known;
    known = known(callers, former.ring, former.jwts);
  }

  private Known known(Callers callers, @Nullable KeyRing former, @Nullable Jwts formerJwts) {
    var path = callers.keyRing();
    boolean isSame = former != null && former.path().equals(path);
    var ring = path == null ? null : isSame ? former : KeyRing.open(path, clock);
    return new Known(new ApiKeys(callers.apiKeys()), ring, new Jwts(callers.tokens(), formerJwts));
  }

  /// The keys that come and go while the server runs, if there is a file for them.
  public Optional<KeyRing> ring() {
    return Optional.ofNullable(known.ring);
  }

  /// Who shows a token; null where nobody does who is known. May wait where [#mayWaitFor] says so.
  ///
  /// @param origin of the page that calls; null where none does
  /// @throws Refusal where the token is for pages of other origins
  @Nullable Caller find(String token, @Nullable String origin) {
    var now = known;
    var holder = now.keys.find(token);
    if (holder != null) {
      return holder;
    }
    var key = now.ring == null ? null : now.ring.find(token);
    if (key == null) {
      return now.jwts.find(token, clock.instant());
    }
    if (key.isForPages() && (origin == null || !key.origins().contains(origin))) {
      throw new Refusal(HttpStatus.FORBIDDEN, "this key is for pages of certain origins alone");
    }
    return key.caller();
  }

  /// Says, whenever it is asked, whether whoever makes a call still has a scope. It may wait.
  ///
  /// @param scope none that keys for pages have
  public BooleanSupplier lasting(HttpRequest<?> request, Scope scope) {
    String token = BearerTokens.tokenOf(request);
    return () -> {
      var caller = token == null ? null : find(token, null);
      return caller != null && caller.may(scope);
    };
  }

  /// Whether a token may be one whose signer's keys have to be fetched first.
  boolean mayWaitFor(String token) {
    return known.jwts.mayWaitFor(token);
  }

  /// Whether pages of an origin may call.
  public boolean admits(String origin) {
    var ring = known.ring;
    return corsOrigins.contains(origin) || (ring != null && ring.admits(origin));
  }
}

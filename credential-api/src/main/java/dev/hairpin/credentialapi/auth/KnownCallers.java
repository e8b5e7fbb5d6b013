package dev.hairpin.credentialapi.auth;

import dev.hairpin.credentialapi.ApiSettings;
import dev.hairpin.credentialapi.Callers;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// Knows everybody who may call, by what they show.
@Singleton
public final class KnownCallers {
  private final InstantSource clock;
  private volatile Known known;

  private record Known(ApiKeys keys, Jwts jwts) {
    Known(Callers callers) {
      this(new ApiKeys(callers.apiKeys()), new Jwts(callers));
    }
  }

  KnownCallers(InstantSource clock, ApiSettings settings) {
    this.clock = clock;
    this.known = new Known(settings.callers());
  }

  /// Knows these from now on, and no others. Any thread may call.
  public void apply(Callers callers) {
    known = new Known(callers);
  }

  /// Who shows a token; null where nobody does who is known.
  @Nullable Caller find(String token) {
    var now = known;
    var holder = now.keys.find(token);
    return holder == null ? now.jwts.find(token, clock.instant()) : holder;
  }
}

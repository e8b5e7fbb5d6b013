package dev.hairpin.credentialapi.auth;

import dev.hairpin.credentialapi.ApiSettings;
import dev.hairpin.credentialapi.auth.Buckets.Verdict;
import dev.hairpin.credentialapi.http.ClientAddresses;
import dev.hairpin.credentialapi.http.Refusal;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.time.InstantSource;

/// Refuses callers that call too often, and tells all how much is left to them
/// (draft-ietf-httpapi-ratelimit-headers-10). Callers on this machine may speak for many and have
/// no limit by address.
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
final class RateGate implements Ordered {
  private static final String VERDICT = RateGate.class.getName();

  private final Buckets keys;
  private final Buckets subjects;
  private final Buckets pages;
  private final Buckets failures;
  private final ClientAddresses addresses;

  RateGate(ApiSettings settings, InstantSource clock, ClientAddresses addresses) {
    var traffic = settings.traffic();
    this.keys = new Buckets(traffic.keys(), clock);
    this.subjects = new Buckets(traffic.subjects(), clock);
    this.pages = new Buckets(traffic.pages(), clock);
    this.failures = new Buckets(traffic.failures(), clock);
    this.addresses = addresses;
  }

  /// Around all that may refuse.
  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE + 2;
  }

  /// Counts a call of a known caller.
  ///
  /// @throws Refusal where there were too many
  void admit(HttpRequest<?> request, Caller caller) {
    if (caller.user() == null) {
      take(request, keys, "key", caller.name());
    } else {
      take(request, subjects, "subject", caller.name());
    }
    var household = addresses.household(request);
    if (caller.bounds().ownUsers() && household != null) {
      take(request, pages, "address", caller.name() + " " + household);
    }
  }

  /// Counts a call of somebody who shows what is no key or token.
  ///
  /// @throws Refusal where there were too many
  void miss(HttpRequest<?> request) {
    var household = addresses.household(request);
    if (household != null) {
      take(request, failures, "failures", household.toString());
    }
  }

  private static void take(HttpRequest<?> request, Buckets buckets, String name, String whose) {
    if (!buckets.isLimit()) {
      return;
    }
    var verdict = buckets.take(name, whose);
    request.setAttribute(VERDICT, verdict);
    if (!verdict.taken()) {
      throw new Refusal(
          HttpStatus.TOO_MANY_REQUESTS,
          "too many calls; the header Retry-After says when to go on");
    }
  }

  @ResponseFilter
  void tell(HttpRequest<?> request, MutableHttpResponse<?> response) {
    var verdict = request.getAttribute(VERDICT, Verdict.class).orElse(null);
    if (verdict == null) {
      return;
    }
    var headers = response.getHeaders();
    if (!verdict.taken()) {
      headers.set("Retry-After", Long.toString(Math.max(1, verdict.seconds())));
    }
    if (request.getPath().startsWith("/v1/")) {
      var rate = verdict.rate();
      long window = Math.ceilDiv((long) rate.burst(), rate.perSecond());
      headers.set(
          "RateLimit-Policy", "\"%s\";q=%d;w=%d".formatted(verdict.name(), rate.burst(), window));
      headers.set(
          "RateLimit",
          "\"%s\";r=%d;t=%d".formatted(verdict.name(), verdict.left(), verdict.seconds()));
    }
  }
}

package dev.hairpin.credentialapi.events;

import dev.hairpin.credentialapi.ApiSettings;
import dev.hairpin.credentialapi.http.ApiMetrics;
import dev.hairpin.credentialapi.sessions.SessionEvent;
import io.micronaut.serde.ObjectMapper;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.ToLongFunction;

/// Tells every URL that is configured.
@Singleton
final class Webhooks implements SessionEvent.Sink {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

  private final List<Webhook> webhooks;

  Webhooks(ApiSettings settings, ObjectMapper json, InstantSource clock, ApiMetrics metrics) {
    var signature = new Signature(settings.webhooks().secrets());
    webhooks =
        settings.webhooks().urls().stream()
            .map(url -> new Webhook(url, signature, json, clock, PATIENCE, FIRST_PAUSE))
            .toList();
    metrics.webhooks(() -> sum(Webhook::delivered), () -> sum(Webhook::lost));
    webhooks.forEach(Webhook::start);
  }

  private long sum(ToLongFunction<Webhook> count) {
    return webhooks.stream().mapToLong(count).sum();
  }

  @Override
  public void take(SessionEvent event) {
    webhooks.forEach(webhook -> webhook.tell(event));
  }

  List<Webhook> all() {
    return webhooks;
  }

  @PreDestroy
  void close() {
    webhooks.forEach(Webhook::close);
  }
}

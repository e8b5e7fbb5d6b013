package dev.hairpin.credentialapi.events;

import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.credentialapi.sessions.SessionEvent;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.sse.Event;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import reactor.core.publisher.BufferOverflowStrategy;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/// Tells everybody who listens. Whoever reads too slowly misses the oldest, and nobody waits.
@Singleton
final class LiveEvents implements SessionEvent.Sink {
  static final Duration HEARTBEAT = Duration.ofSeconds(10);
  static final int MAX_LISTENERS = 64;
  private static final int MAX_BEHIND = 1000;
  private static final Event<Object> ALIVE = Event.<Object>of("").name("heartbeat");

  private final Sinks.Many<SessionEvent> sink = Sinks.many().multicast().directBestEffort();
  private final AtomicInteger listeners = new AtomicInteger();

  @Override
  public void take(SessionEvent event) {
    var _ = sink.tryEmitNext(event);
  }

  /// Nothing comes any more: whoever listens need not wait.
  @PreDestroy
  void close() {
    var _ = sink.tryEmitComplete();
  }

  /// Tells of what happens from now on, as server-sent events. Whoever asks for the headers alone
  /// does not listen.
  Flux<Event<Object>> listen(Predicate<SessionEvent> kind) {
    if (listeners.get() >= MAX_LISTENERS) {
      throw new Refusal(
          HttpStatus.SERVICE_UNAVAILABLE, "no more than " + MAX_LISTENERS + " may listen at once");
    }
    var told =
        sink.asFlux()
            .filter(kind)
            .onBackpressureBuffer(MAX_BEHIND, BufferOverflowStrategy.DROP_OLDEST)
            .map(event -> Event.<Object>of(event).id(event.id()).name(event.type()));
    // one at once, so that a proxy passes the headers on
    var alive =
        Flux.interval(Duration.ZERO, HEARTBEAT)
            .onBackpressureDrop()
            .map(_ -> ALIVE)
            .takeUntilOther(sink.asFlux().ignoreElements());
    return Flux.merge(told, alive)
        .doOnSubscribe(_ -> listeners.incrementAndGet())
        .doFinally(_ -> listeners.decrementAndGet());
  }
}

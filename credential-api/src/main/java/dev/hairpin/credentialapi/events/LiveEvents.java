package dev.hairpin.credentialapi.events;

import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.credentialapi.sessions.SessionEvent;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.sse.Event;
import io.micronaut.scheduling.TaskExecutors;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import reactor.core.publisher.BufferOverflowStrategy;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/// Tells everybody who listens. Whoever reads too slowly misses the oldest, and nobody waits.
@Singleton
final class LiveEvents implements SessionEvent.Sink {
  static final Duration HEARTBEAT = Duration.ofSeconds(10);
  static final int MAX_LISTENERS = 64;
  private static final int MAX_BEHIND = 1000;
  private static final Event<Object> ALIVE = Event.<Object>of("").name("heartbeat");
  private static final String OVER = "over"; // never told

  private final Sinks.Many<SessionEvent> sink = Sinks.many().multicast().directBestEffort();
  private final AtomicInteger listeners = new AtomicInteger();
  private final Scheduler waiting;

  LiveEvents(@Named(TaskExecutors.BLOCKING) ExecutorService waiting) {
    this.waiting = Schedulers.fromExecutorService(waiting);
  }

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
  ///
  /// @param isAdmitted whether the caller may still listen, asked at each heartbeat; may wait
  Flux<Event<Object>> listen(Predicate<SessionEvent> kind, BooleanSupplier isAdmitted) {
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
        Flux.interval(HEARTBEAT)
            .onBackpressureDrop()
            .publishOn(waiting, 1)
            .map(_ -> isAdmitted.getAsBoolean() ? ALIVE : Event.<Object>of("").name(OVER))
            .startWith(ALIVE)
            .takeUntilOther(sink.asFlux().ignoreElements());
    return Flux.merge(told, alive)
        .takeWhile(event -> !OVER.equals(event.getName()))
        .doOnSubscribe(_ -> listeners.incrementAndGet())
        .doFinally(_ -> listeners.decrementAndGet());
  }
}

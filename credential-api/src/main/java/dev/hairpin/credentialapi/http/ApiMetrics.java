package dev.hairpin.credentialapi.http;

import dev.hairpin.credentialapi.usage.UsageKeeper;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.telemetry.Telemetry;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micronaut.http.HttpStatus;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Everything that `/metrics` tells: counts, never a name or an address.
@Singleton
public final class ApiMetrics {
  private static final List<HttpStatus> REFUSALS =
      List.of(
          HttpStatus.BAD_REQUEST,
          HttpStatus.UNAUTHORIZED,
          HttpStatus.FORBIDDEN,
          HttpStatus.NOT_FOUND,
          HttpStatus.METHOD_NOT_ALLOWED,
          HttpStatus.CONFLICT,
          HttpStatus.REQUEST_ENTITY_TOO_LARGE,
          HttpStatus.UNSUPPORTED_MEDIA_TYPE,
          HttpStatus.UPGRADE_REQUIRED,
          HttpStatus.TOO_MANY_REQUESTS,
          HttpStatus.INTERNAL_SERVER_ERROR,
          HttpStatus.NOT_IMPLEMENTED,
          HttpStatus.SERVICE_UNAVAILABLE);

  private static final List<Boolean> OUTCOMES = List.of(true, false);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Counter issued =
      Counter.builder("hairpin_api_credentials_issued")
          .description("Credentials issued.")
          .register(registry);

  /// The registry itself would let go of what it reads.
  private final List<Object> held = new ArrayList<>();

  private final LongAdder relayed = new LongAdder();
  private final AtomicInteger lastReload = new AtomicInteger(1);

  ApiMetrics(@Nullable TurnServer turnServer, @Nullable UsageKeeper usage) {
    REFUSALS.forEach(this::refusals); // a series that starts at 0 shows its first increase
    OUTCOMES.forEach(this::reloads);
    Gauge.builder("hairpin_reload_last_success", lastReload, AtomicInteger::get)
        .description("Whether the configuration last read is in force: 1, or 0 if it was refused.")
        .strongReference(true)
        .register(registry);
    if (turnServer != null) {
      registerTurn(turnServer.telemetry());
      registerState(turnServer);
    }
    if (usage != null) {
      registerUsage(usage);
    }
  }

  /// Counts an attempt to put another configuration into force.
  public void reloaded(boolean success) {
    reloads(success).increment();
    lastReload.set(success ? 1 : 0);
  }

  private Counter reloads(boolean success) {
    return Counter.builder("hairpin_reloads")
        .description("Configurations read again, by whether they came into force.")
        .tag("outcome", success ? "success" : "failure")
        .register(registry);
  }

  private void registerState(TurnServer turnServer) {
    Gauge.builder("hairpin_turn_draining", turnServer, t -> t.isDraining() ? 1 : 0)
        .description("Whether new clients are sent away because the server is to stop.")
        .strongReference(true)
        .register(registry);
    Gauge.builder(
            "hairpin_tls_certificate_not_after_seconds",
            turnServer,
            TurnServer::certificatesEndSeconds)
        .description("When the first of the certificates ends, since 1970; 0 without any.")
        .strongReference(true)
        .register(registry);
  }

  /// Counts what webhooks are told.
  ///
  /// @param lost events that nobody will be told of
  public void webhooks(LongSupplier delivered, LongSupplier lost) {
    webhookEvents("delivered", delivered);
    webhookEvents("lost", lost);
  }

  private void webhookEvents(String outcome, LongSupplier count) {
    held.add(count);
    FunctionCounter.builder("hairpin_webhook_events", count, LongSupplier::getAsLong)
        .description("Events for webhooks, by whether they were taken or will never be told.")
        .tag("outcome", outcome)
        .register(registry);
  }

  /// Counts the starts and ends of sessions that nobody will be told of.
  public void sessionEventsMissed(LongSupplier missed) {
    held.add(missed);
    FunctionCounter.builder("hairpin_session_events_missed", missed, LongSupplier::getAsLong)
        .description("Starts and ends of sessions that are not told, for too many came at once.")
        .register(registry);
  }

  /// Counts rooms, and whoever is in them.
  public void rooms(LongSupplier rooms, LongSupplier participants) {
    gauge("hairpin_rooms", "Rooms that somebody is in.", rooms);
    gauge(
        "hairpin_room_participants",
        "Participants of rooms, with those who may come back.",
        participants);
    FunctionCounter.builder("hairpin_room_messages", relayed, LongAdder::sum)
        .description("Offers, answers and candidates passed from one participant to another.")
        .register(registry);
  }

  private void gauge(String name, String description, LongSupplier value) {
    Gauge.builder(name, value, LongSupplier::getAsLong)
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  /// Counts a message that was passed on in a room.
  public void relayed() {
    relayed.increment();
  }

  /// Counts joins that were refused.
  public void joinRefused(String reason, int count) {
    Counter.builder("hairpin_room_refusals")
        .description("Joins that were refused, by reason.")
        .tag("reason", reason)
        .register(registry)
        .increment(count);
  }

  private void registerUsage(UsageKeeper usage) {
    Gauge.builder("hairpin_usage_waiting", usage, u -> u.ledger().waiting())
        .description("Rows of usage that are not stored yet.")
        .strongReference(true)
        .register(registry);
    FunctionCounter.builder("hairpin_usage_coarsened", usage, u -> u.ledger().coarsened())
        .description("Additions to usage that were counted for a tenant as a whole.")
        .register(registry);
    Gauge.builder("hairpin_storage_up", usage, u -> u.isUp() ? 1 : 0)
        .description("Whether the database did its part when it was last asked to.")
        .strongReference(true)
        .register(registry);
  }

  public void issued() {
    issued.increment();
  }

  void refused(HttpStatus status) {
    refusals(status).increment();
  }

  /// In Prometheus' text format.
  public String scrape() {
    return registry.scrape();
  }

  private Counter refusals(HttpStatus status) {
    return Counter.builder("hairpin_api_refusals")
        .description("HTTP calls refused, by status.")
        .tag("status", Integer.toString(status.getCode()))
        .register(registry);
  }

  private void registerTurn(Telemetry telemetry) {
    for (var counter : dev.hairpin.turnserver.telemetry.Counter.values()) {
      FunctionCounter.builder("hairpin_turn_" + counter.metric(), telemetry, t -> t.get(counter))
          .description(counter.help())
          .register(registry);
    }
    for (var error : ErrorCode.values()) {
      int code = error.code();
      FunctionCounter.builder("hairpin_turn_error_responses", telemetry, t -> t.errors(code))
          .description("Error responses by STUN error code.")
          .tag("code", Integer.toString(code))
          .register(registry);
    }
    for (DropReason reason : DropReason.values()) {
      FunctionCounter.builder("hairpin_turn_dropped", telemetry, t -> t.get(reason))
          .description("Packets and messages thrown away without an answer, by reason.")
          .tag("reason", reason.label())
          .register(registry);
    }
    for (var gauge : dev.hairpin.turnserver.telemetry.Gauge.values()) {
      Gauge.builder("hairpin_turn_" + gauge.metric(), telemetry, t -> t.get(gauge))
          .description(gauge.help())
          .strongReference(true)
          .register(registry);
    }
    Gauge.builder("hairpin_turn_allocations", telemetry, Telemetry::liveAllocations)
        .description("Allocations that live now.")
        .strongReference(true)
        .register(registry);
  }
}

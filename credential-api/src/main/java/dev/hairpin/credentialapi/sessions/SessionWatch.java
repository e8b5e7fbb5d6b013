package dev.hairpin.credentialapi.sessions;

import dev.hairpin.credentialapi.http.ApiMetrics;
import dev.hairpin.credentialapi.usage.Usage;
import dev.hairpin.credentialapi.usage.UsageKeeper;
import dev.hairpin.credentialapi.usage.UsageLedger;
import dev.hairpin.turnserver.allocation.Traffic.Passed;
import dev.hairpin.turnserver.loop.Session;
import dev.hairpin.turnserver.server.TurnServer;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Requires;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Watches the sessions of the TURN server in this process, on a thread of its own: hears from the
/// relay loops when one starts or ends, and looks at all of them every few seconds. The loops never
/// wait for it: what it cannot take is missed and counted.
@Context
@Requires(bean = TurnServer.class)
public final class SessionWatch implements Session.Listener, AutoCloseable {
  static final Duration INTERVAL = Duration.ofSeconds(5);
  private static final int MAX_HAPPENINGS = 65_536;

  /// After it has heard of some, it lets others come together: a loop that allocates often does not
  /// wake it each time.
  private static final Duration REST = Duration.ofMillis(20);

  private static final Seen NEVER = new Seen(0, new Passed(0, 0, 0, 0));

  private final TurnServer turnServer;
  private final InstantSource clock;
  private final List<SessionEvent.Sink> sinks;
  private final @Nullable UsageLedger ledger;
  private final BlockingQueue<Happening> happenings = new ArrayBlockingQueue<>(MAX_HAPPENINGS);
  private final AtomicLong missed = new AtomicLong();
  private final String process = Integer.toHexString(new SecureRandom().nextInt());
  private final Thread thread =
      Thread.ofPlatform().daemon().name("hairpin-sessions").unstarted(this::run);
  private volatile Look last;
  private long events;

  /// @param end null where it has started
  private record Happening(Session session, Session.@Nullable End end, Instant at) {}

  private record Seen(long ageMillis, Passed passed) {}

  /// What was seen when all were looked at.
  private record Look(Instant at, Map<Long, Seen> sessions) {}

  /// Watches for nobody but the keeper of usage, where there is no API.
  public SessionWatch(TurnServer turnServer, UsageKeeper usage) {
    this(turnServer, InstantSource.system(), List.of(), usage);
  }

  @Inject
  SessionWatch(
      TurnServer turnServer,
      InstantSource clock,
      List<SessionEvent.Sink> sinks,
      @Nullable UsageKeeper usage,
      ApiMetrics metrics) {
    this(turnServer, clock, sinks, usage);
    metrics.sessionEventsMissed(missed::get);
  }

  private SessionWatch(
      TurnServer turnServer,
      InstantSource clock,
      List<SessionEvent.Sink> sinks,
      @Nullable UsageKeeper usage) {
    this.turnServer = turnServer;
    this.clock = clock;
    this.sinks = sinks;
    this.ledger = usage == null ? null : usage.ledger();
    this.last = new Look(clock.instant(), Map.of());
    turnServer.tell(this);
    thread.start();
  }

  /// Tells the ledger what it does not know yet.
  @Override
  @PreDestroy
  public void close() {
    thread.interrupt();
    try {
      thread.join(INTERVAL);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    look();
    turnServer.tell(null);
  }

  @Override
  public void started(Session session) {
    happened(session, null);
  }

  @Override
  public void ended(Session session, Session.End end) {
    happened(session, end);
  }

  private void happened(Session session, Session.@Nullable End end) {
    if (!happenings.offer(new Happening(session, end, clock.instant()))) {
      missed.incrementAndGet();
    }
  }

  /// All that there are, in the order of their ids.
  List<Session> sessions() {
    return turnServer.sessions().stream().sorted(Comparator.comparingLong(Session::id)).toList();
  }

  SessionView view(Session session) {
    var look = last;
    var now = clock.instant();
    var seen = look.sessions.get(session.id());
    return seen == null
        ? SessionView.of(session, NEVER.passed, Duration.ofMillis(session.ageMillis()), now)
        : SessionView.of(session, seen.passed, Duration.between(look.at, now), now);
  }

  private void run() {
    long nextNanos = System.nanoTime() + INTERVAL.toNanos();
    try {
      while (true) {
        var happening = happenings.poll(nextNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (happening != null) {
          take(happening);
          takeAll();
          Thread.sleep(REST);
        }
        if (System.nanoTime() - nextNanos >= 0) {
          look();
          nextNanos = System.nanoTime() + INTERVAL.toNanos();
        }
      }
    } catch (InterruptedException _) {
      // the API stops
    }
  }

  /// Says which have ended.
  private Set<Long> takeAll() {
    var ended = new HashSet<Long>();
    for (var happening = happenings.poll(); happening != null; happening = happenings.poll()) {
      take(happening);
      if (happening.end != null) {
        ended.add(happening.session.id());
      }
    }
    return ended;
  }

  private void take(Happening happening) {
    var session = happening.session;
    if (happening.end != null) {
      meter(session, happening.at);
    }
    var view =
        SessionView.of(session, NEVER.passed, Duration.ofMillis(session.ageMillis()), happening.at);
    var event =
        new SessionEvent(
            process + "-" + ++events,
            happening.end == null ? SessionEvent.STARTED : SessionEvent.ENDED,
            happening.at,
            happening.end == null ? null : happening.end.name().toLowerCase(Locale.ROOT),
            view);
    sinks.forEach(sink -> sink.take(event));
  }

  /// What ends after the loops were asked is metered by its end, and not by this look.
  private void look() {
    var sessions = turnServer.sessions();
    var now = clock.instant();
    var ended = takeAll();
    var seen = new HashMap<Long, Seen>();
    for (var session : sessions) {
      if (!ended.contains(session.id())) {
        meter(session, now);
        seen.put(session.id(), new Seen(session.ageMillis(), session.passed()));
      }
    }
    last = new Look(now, seen);
  }

  private void meter(Session session, Instant at) {
    if (ledger == null) {
      return;
    }
    var before = last.sessions.get(session.id());
    var former = before == null ? NEVER : before;
    var more = session.passed().since(former.passed);
    long seconds = session.ageMillis() / 1000 - former.ageMillis / 1000;
    ledger.add(
        SessionView.tenant(session),
        session.credential().user().text(),
        at,
        new Usage(
            before == null ? 1 : 0,
            seconds,
            more.toPeerBytes(),
            more.toClientBytes(),
            more.toPeerPackets(),
            more.toClientPackets()));
  }
}

package dev.hairpin.credentialapi.signaling;

import dev.hairpin.credentialapi.ApiSettings;
import dev.hairpin.credentialapi.RoomSettings;
import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.credentialapi.auth.Digests;
import dev.hairpin.credentialapi.http.ApiMetrics;
import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.credentialapi.issue.IceServers;
import dev.hairpin.credentialapi.issue.Issuance;
import dev.hairpin.credentialapi.signaling.Participant.Departure;
import dev.hairpin.credentialapi.signaling.Participant.Link;
import dev.hairpin.turnserver.net.IpPrefix;
import io.micronaut.context.annotation.Requires;
import io.micronaut.context.event.ApplicationEventListener;
import io.micronaut.context.event.ShutdownEvent;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Every room, and whoever has come and not joined one yet, under one lock. Time is that of the
/// clock, which is looked at twice a second while there is anybody.
@Singleton
@Requires(property = RoomSettings.PROPERTY)
final class Rooms implements ApplicationEventListener<ShutdownEvent> {
  static final Duration HEARTBEAT = Duration.ofSeconds(10);
  static final Duration SILENCE = HEARTBEAT.multipliedBy(3);
  static final Duration TO_JOIN = Duration.ofSeconds(10);
  static final Duration TO_RESUME = Duration.ofSeconds(30);
  static final Duration FULL_TOLD_EVERY = Duration.ofSeconds(10);
  static final int MAX_PARTICIPANTS = 5_000;
  static final int MAX_STRANGERS = 256;
  static final int MAX_STRANGERS_OF_A_HOUSEHOLD = 32;

  private static final Duration GOODBYE = Duration.ofSeconds(1);
  private static final String NAMELESS = "guest";
  private static final int ID_BYTES = 12;
  private static final int RESUME_BYTES = 24;
  private static final long LOOK_MILLIS = 500;

  private final int size;
  private final RoomTokens tokens;
  private final Issuance issuance;
  private final InstantSource clock;
  private final ApiMetrics metrics;
  private final SecureRandom random = new SecureRandom();

  private final Map<Room.Key, Room> rooms = new LinkedHashMap<>();
  private final Map<String, Participant> byResume = new HashMap<>();
  private final Map<Link, Stranger> strangers = new HashMap<>();
  private @Nullable ScheduledFuture<?> look;

  /// Who has not shown a token yet.
  ///
  /// @param household null where it has no bound of its own
  private record Stranger(Instant since, @Nullable IpPrefix household) {}

  Rooms(
      ApiSettings settings,
      RoomTokens tokens,
      Issuance issuance,
      InstantSource clock,
      ApiMetrics metrics) {
    this.size = settings.rooms().size();
    this.tokens = tokens;
    this.issuance = issuance;
    this.clock = clock;
    this.metrics = metrics;
    metrics.rooms(this::count, this::countParticipants);
    for (var end : EnumSet.complementOf(EnumSet.of(End.REPLACED, End.REMOVED))) {
      metrics.joinRefused(end.code(), 0); // a series that starts at 0 shows its first increase
    }
  }

  private synchronized long count() {
    return rooms.size();
  }

  private synchronized long countParticipants() {
    return byResume.size();
  }

  /// Whether one more may come who has not shown a token yet.
  ///
  /// @param household null where it has no bound of its own
  synchronized boolean admitsStranger(@Nullable IpPrefix household) {
    return strangers.size() < MAX_STRANGERS
        && (household == null || strangersOf(household) < MAX_STRANGERS_OF_A_HOUSEHOLD);
  }

  private long strangersOf(IpPrefix household) {
    return strangers.values().stream()
        .filter(stranger -> household.equals(stranger.household()))
        .count();
  }

  /// Expects a WebSocket to join a room soon.
  ///
  /// @param household null where it has no bound of its own
  /// @param timer where the deadlines of all are looked at
  synchronized void expect(
      Link link, @Nullable IpPrefix household, ScheduledExecutorService timer) {
    strangers.put(link, new Stranger(clock.instant(), household));
    if (look == null) {
      look = timer.scheduleAtFixedRate(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /// Lets somebody in, who has by then been welcomed.
  ///
  /// @throws Ending where it may not come in
  Participant join(ClientMessage.Join wish, Link link) throws Ending {
    var resumed = wish.resume() == null ? null : resume(Digests.sha256Hex(wish.resume()), link);
    if (resumed != null) {
      return resumed;
    }
    return enter(tokens.read(wish.token()), wish.name(), link);
  }

  private synchronized @Nullable Participant resume(String shown, Link link) throws Ending {
    var participant = byResume.get(shown);
    if (participant == null) {
      return null;
    }
    var servers = servers(participant.holder());
    byResume.remove(shown);
    var former = participant.link();
    if (former != null) {
      former.end(End.REPLACED, "this place was taken from elsewhere");
    }
    welcome(participant, link, servers, true);
    participant.flush();
    return participant;
  }

  private synchronized Participant enter(Invitation invitation, @Nullable String name, Link link)
      throws Ending {
    var now = clock.instant();
    var key = new Room.Key(invitation.tenant(), invitation.room());
    var room = rooms.get(key);
    if (room != null && room.size() >= size) {
      if (room.tellsFull(now)) {
        tell(room.participants(), ServerMessage.FULL);
      }
      throw new Ending(End.ROOM_FULL, "the room takes " + size + " and is full");
    }
    if (byResume.size() >= MAX_PARTICIPANTS) {
      throw new Ending(End.BUSY, "this server takes no more participants now");
    }
    var holder = invitation.holder();
    var servers = servers(holder);
    var where = room == null ? new Room(key, now) : room;
    var participant =
        new Participant(where, random(ID_BYTES), name == null ? NAMELESS : name, holder);
    rooms.putIfAbsent(key, where);
    where.add(participant);
    welcome(participant, link, servers, false);
    tell(where.others(participant), ServerMessage.joined(participant));
    return participant;
  }

  private void welcome(Participant participant, Link link, IceServers servers, boolean isResumed) {
    String resume = random(RESUME_BYTES);
    strangers.remove(link);
    participant.attach(link, Digests.sha256Hex(resume));
    byResume.put(participant.resume(), participant);
    var room = participant.room();
    link.send(
        ServerMessage.welcome(
            participant, room.others(participant), servers, resume, isResumed, size));
  }

  /// Credentials of a participant.
  ///
  /// @throws Ending where there are none for it any more
  IceServers servers(Caller holder) throws Ending {
    try {
      return IceServers.of(issuance.issue(holder, null, null));
    } catch (Refusal _) {
      throw new Ending(End.BAD_TOKEN, "whose room this is, is not served here any more");
    }
  }

  private String random(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /// Tells another participant of the same room something.
  void relay(Participant from, Link via, String to, String json) {
    if (isRelayed(from, via, to, json)) {
      metrics.relayed();
    } else {
      via.send(
          ServerMessage.problem("unknown-participant", "nobody of that id is in the room", to));
    }
  }

  private synchronized boolean isRelayed(Participant from, Link via, String to, String json) {
    if (!from.isAt(via)) {
      return true; // it is somebody else's place by now
    }
    var target = from.room().find(to);
    if (target == null || target == from) {
      return false;
    }
    tell(List.of(target), json);
    return true;
  }

  private void tell(Iterable<Participant> whom, String json) {
    for (var participant : whom) {
      if (!participant.send(json)) {
        remove(participant, Departure.LOST);
      }
    }
  }

  /// Counts somebody who did not come in, and is no longer expected.
  synchronized void refused(Link link, End why) {
    strangers.remove(link);
    metrics.joinRefused(why.code(), 1);
  }

  /// A WebSocket is no more.
  ///
  /// @param participant null where it never joined
  synchronized void lose(Link link, @Nullable Participant participant) {
    strangers.remove(link);
    if (participant != null && participant.isAt(link)) {
      participant.detach(clock.instant());
    }
  }

  /// Takes whoever uses a WebSocket out of its room.
  synchronized void remove(Link link, Participant participant, Departure why) {
    if (participant.isAt(link)) {
      remove(participant, why);
    }
  }

  private void remove(Participant participant, Departure why) {
    var room = participant.room();
    byResume.remove(participant.resume());
    if (!room.remove(participant)) {
      return;
    }
    if (room.size() == 0) {
      rooms.remove(room.key());
    } else {
      tell(room.participants(), ServerMessage.left(participant, why));
    }
  }

  /// Closes what is late, and lets go of those who did not come back.
  private synchronized void look() {
    var now = clock.instant();
    for (var stranger : Map.copyOf(strangers).entrySet()) {
      if (!now.isBefore(stranger.getValue().since().plus(TO_JOIN))) {
        strangers.remove(stranger.getKey());
        stranger.getKey().end(End.TOO_SLOW, "join has to come within 10 seconds");
      }
    }
    for (var participant : List.copyOf(byResume.values())) {
      look(participant, now);
    }
    if (look != null && strangers.isEmpty() && rooms.isEmpty()) {
      look.cancel(false);
      look = null;
    }
  }

  private void look(Participant participant, Instant now) {
    var link = participant.link();
    if (link == null) {
      if (!now.isBefore(participant.lostAt().plus(TO_RESUME))) {
        remove(participant, Departure.LOST);
      }
    } else if (!now.isBefore(link.heardAt().plus(SILENCE))) {
      participant.detach(now);
      link.end(End.TOO_SLOW, "nothing came for 30 seconds");
    }
  }

  /// Every room, for some.
  synchronized <T> List<T> map(Function<Room, T> view) {
    return rooms.values().stream().map(view).toList();
  }

  /// Sends everybody away.
  ///
  /// @return whether there was such a room
  synchronized boolean end(Room.Key key) {
    var room = rooms.remove(key);
    if (room == null) {
      return false;
    }
    for (var participant : room.participants()) {
      room.remove(participant);
      byResume.remove(participant.resume());
      var link = participant.link();
      if (link != null) {
        link.end(End.REMOVED, "the room was ended");
      }
    }
    return true;
  }

  /// Says good-bye to all because the server stops, and gives that a moment: the loops end next.
  @Override
  public void onApplicationEvent(ShutdownEvent event) {
    long end = System.nanoTime() + GOODBYE.toNanos();
    for (var said : sendAway()) {
      try {
        said.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (ExecutionException | TimeoutException _) {
        return;
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private synchronized List<Future<?>> sendAway() {
    var said = new ArrayList<Future<?>>();
    strangers.keySet().forEach(link -> said.add(link.goAway()));
    for (var participant : byResume.values()) {
      var link = participant.link();
      if (link != null) {
        said.add(link.goAway());
      }
    }
    if (look != null) {
      look.cancel(false);
    }
    return said;
  }
}

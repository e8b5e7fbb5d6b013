package dev.hairpin.credentialapi.signaling;

import dev.hairpin.credentialapi.auth.Caller;
import io.netty.buffer.ByteBufUtil;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// One in a room. Everything but its names is under the lock of [Rooms].
final class Participant {
  private static final int MAX_WAITING = 200;
  private static final int MAX_WAITING_BYTES = 256 << 10;

  private final Room room;
  private final String id;
  private final String name;
  private final Caller holder;
  private final Queue<String> waiting = new ArrayDeque<>(0);
  private int waitingBytes;
  private @Nullable Link link;
  private Instant lostAt = Instant.EPOCH;
  private String resume = "";

  /// The WebSocket of a participant. Any thread may call; what one says under the lock arrives in
  /// that order.
  interface Link {
    void send(String json);

    /// Says why, and closes.
    void end(End end, String detail);

    /// Closes because the server stops.
    ///
    /// @return done when that is said
    Future<?> goAway();

    /// When something last came.
    Instant heardAt();
  }

  /// Why a participant is not in its room any more.
  enum Departure {
    LEFT,
    LOST,
    REMOVED;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// @param holder for whom its credentials are issued
  Participant(Room room, String id, String name, Caller holder) {
    this.room = room;
    this.id = id;
    this.name = name;
    this.holder = holder;
  }

  Room room() {
    return room;
  }

  String id() {
    return id;
  }

  String name() {
    return name;
  }

  Caller holder() {
    return holder;
  }

  /// The digest of what it shows to take its place again.
  String resume() {
    return resume;
  }

  @Nullable Link link() {
    return link;
  }

  /// When it lost its WebSocket; of no meaning while it has one.
  Instant lostAt() {
    return lostAt;
  }

  boolean isAt(Link which) {
    return which.equals(link);
  }

  /// Takes a WebSocket, and what can be shown for the next one.
  void attach(Link next, String nextResume) {
    link = next;
    resume = nextResume;
  }

  /// Hands over what was said meanwhile.
  void flush() {
    for (String json = waiting.poll(); json != null; json = waiting.poll()) {
      send(json);
    }
    waitingBytes = 0;
  }

  void detach(Instant now) {
    link = null;
    lostAt = now;
  }

  /// Says something, or keeps it until there is a WebSocket again.
  ///
  /// @return false where too much waits
  boolean send(String json) {
    if (link != null) {
      link.send(json);
      return true;
    }
    waitingBytes += ByteBufUtil.utf8Bytes(json);
    return waiting.size() < MAX_WAITING && waitingBytes <= MAX_WAITING_BYTES && waiting.add(json);
  }

  @Override
  public String toString() {
    return "Participant";
  }
}

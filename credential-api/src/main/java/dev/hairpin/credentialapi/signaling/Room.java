package dev.hairpin.credentialapi.signaling;

import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Who is in a room, in the order of their joining. All of it is under the lock of [Rooms].
final class Room {
  private final Key key;
  private final Instant since;
  private final Map<String, Participant> participants = new LinkedHashMap<>();
  private Instant fullToldAt = Instant.EPOCH;

  /// Two tenants' rooms of one name are two rooms.
  ///
  /// @param tenant null for the server's own
  record Key(@Nullable String tenant, String name) {}

  Room(Key key, Instant since) {
    this.key = key;
    this.since = since;
  }

  Key key() {
    return key;
  }

  String name() {
    return key.name;
  }

  Instant since() {
    return since;
  }

  int size() {
    return participants.size();
  }

  /// A copy, that may be gone through while some leave.
  List<Participant> participants() {
    return List.copyOf(participants.values());
  }

  Collection<Participant> others(Participant than) {
    return participants.values().stream().filter(other -> other != than).toList();
  }

  @Nullable Participant find(String id) {
    return participants.get(id);
  }

  void add(Participant participant) {
    participants.put(participant.id(), participant);
  }

  boolean remove(Participant participant) {
    return participants.remove(participant.id(), participant);
  }

  /// Whether its participants are to hear that it is full, which they are now and then alone.
  boolean tellsFull(Instant now) {
    if (now.isBefore(fullToldAt.plus(Rooms.FULL_TOLD_EVERY))) {
      return false;
    }
    fullToldAt = now;
    return true;
  }
}

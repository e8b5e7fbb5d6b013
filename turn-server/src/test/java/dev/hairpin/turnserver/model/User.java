package dev.hairpin.turnserver.model;

import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.TurnCredential;

/// Who asks, each with one credential.
@SuppressWarnings("ImmutableEnumChecker") // nobody changes bytes
enum User {
  ALICE("alice", 100_000),
  /// The same user by another credential.
  ALICE_AGAIN("alice", 100_001),
  BOB("bob", 100_000),
  /// Whose credential ends soon.
  BRIEF("carol", 900);

  static final String REALM = "hairpin";

  final String id;
  final long endsWallSeconds;
  final String username;
  final Bytes key;

  User(String id, long lastsSeconds) {
    this.id = id;
    this.endsWallSeconds = new VirtualClock().wallSeconds() + lastsSeconds;
    this.username = endsWallSeconds + ":" + id;
    this.key = TurnCredential.ofSecret(World.SECRET, username).key(REALM);
  }
}

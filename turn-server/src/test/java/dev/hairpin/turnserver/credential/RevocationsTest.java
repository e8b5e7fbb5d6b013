package dev.hairpin.turnserver.credential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RevocationsTest {
  private static final long NOW = 1_800_000_000;
  private static final long LATEST = NOW + 86_400;

  private final Revocations revocations = new Revocations("");

  @ParameterizedTest
  @CsvSource({
    "1800003600:alice, 1800003600:alice, true",
    "1800003600:alice, 1800003601:alice, false",
    "1800003600:alice, 1800003599:alice, false",
    "1800003600:alice, 1800003600:bob,   false",
    "1800003600,       1800003600,       true",
    "1800003600,       1800003600:alice, false",
    "*:alice,          1800003600:alice, true",
    "*:alice,          1800003600:bob,   false",
    "*:alice,          1800003600,       false",
    "*:,               1800003600,       true",
    "*:,               1800003600:alice, false",
    "*:a:b,            1800003600:a:b,   true",
    "<1800003600:alice, 1800003599:alice, true",
    "<1800003600:alice, 1800003600:alice, false",
    "<1800003600,       1800003599,       true",
    "<1800003600,       1800003599:alice, false",
  })
  void anEntryRevokesWhatItNamesAndNothingElse(String entry, String username, boolean revoked) {
    revocations.add(entry, LATEST, NOW);
    assertEquals(revoked, covers(username));
    var listing = new Revocations("");
    listing.list(List.of(entry), NOW);
    assertEquals(revoked, listing.cover(parsed(username)));
  }

  /// Whoever signs usernames may write them as they like; the user is the same.
  @Test
  void aNameInAnotherFormIsTheSameName() {
    revocations.list(List.of("*:\u00e9", "0180003600:a"), 0);
    assertTrue(covers("1800003600:e\u0301"));
    assertTrue(covers("180003600:a"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "alice",
        ":alice",
        "*",
        "*alice",
        "*1:alice",
        "<:alice",
        "<*:alice",
        "<",
        "-1:alice",
        "18000036000:alice",
        "*:al\u0000ice",
        "1800003600:al\nice",
        " 1800003600:alice"
      })
  void whatIsNoEntryIsRefusedAndChangesNothing(String text) {
    revocations.list(List.of("*:bob"), 0);
    assertThrows(
        IllegalArgumentException.class, () -> revocations.list(List.of("*:carol", text), 0));
    assertThrows(IllegalArgumentException.class, () -> revocations.add(text, LATEST, 0));
    assertThrows(
        IllegalArgumentException.class, () -> Revocations.requireEntries("", List.of(text)));
    assertTrue(covers("1800003600:bob"));
    assertFalse(covers("1800003600:carol"));
  }

  @Test
  void aNewListTakesThePlaceOfTheFormerOneButNotOfWhatWasRevokedSingly() {
    revocations.add("*:alice", LATEST, NOW);
    revocations.list(List.of("*:bob", "*:carol"), NOW);
    revocations.list(List.of("*:carol"), NOW);
    assertTrue(covers("1800003600:alice"));
    assertFalse(covers("1800003600:bob"));
    assertTrue(covers("1800003600:carol"));
  }

  @Test
  void ofAUserThatIsRevokedSinglyOnlyWhatThereCanBeNow() {
    revocations.add("*:alice", LATEST, NOW);
    assertTrue(covers(LATEST + ":alice"));
    assertFalse(covers(LATEST + 1 + ":alice"));
    revocations.add("<" + NOW + ":alice", LATEST, NOW);
    assertTrue(covers(LATEST + ":alice")); // the longer one stays
  }

  @Test
  void thereIsRoomAgainOnceEntriesAreOfNoMoreUse() {
    for (int i = 0; i < Revocations.MAX_ENTRIES; i++) {
      revocations.add(NOW + 1 + ":" + i, LATEST, NOW);
    }
    assertThrows(IllegalStateException.class, () -> revocations.add("*:late", LATEST, NOW));
    assertFalse(covers(NOW + ":late"));
    revocations.add("*:late", LATEST, NOW + 1);
    assertTrue(covers(NOW + 9 + ":late"));
    assertFalse(covers(NOW + 1 + ":7"));
  }

  @Test
  void aListIsBoundedToo() {
    var users = IntStream.rangeClosed(0, Revocations.MAX_ENTRIES).mapToObj(i -> "*:" + i).toList();
    assertThrows(IllegalArgumentException.class, () -> revocations.list(users, 0));
    assertThrows(IllegalArgumentException.class, () -> Revocations.requireEntries("", users));
    revocations.list(users.subList(1, users.size()), 0);
    assertTrue(covers("1800003600:1"));
    revocations.list(Collections.nCopies(70_000, "1800003600:x"), NOW + 86_400); // long over
    assertFalse(covers("1800003600:x"));
  }

  private boolean covers(String username) {
    return revocations.cover(parsed(username));
  }

  private static CredentialUsername parsed(String username) {
    var parsed = CredentialUsername.parse(username);
    if (parsed == null) {
      throw new AssertionError(username);
    }
    return parsed;
  }
}

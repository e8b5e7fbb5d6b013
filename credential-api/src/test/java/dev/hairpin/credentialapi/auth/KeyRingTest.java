package dev.hairpin.credentialapi.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyRingTest {
  private static final Instant START = Instant.parse("2026-11-22T03:00:00Z");

  @TempDir private Path folder;
  private Path file = Path.of("");
  private volatile Instant now = START;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("data/api-keys");
  }

  @Test
  void aKeyIsKnownUntilItIsRevoked() throws IOException {
    var ring = open();
    var made = ring.create(wish("one"));
    assertTrue(made.secret().matches("hp_[0-9a-f]{16}_[A-Za-z0-9_-]{43}"), made.secret());
    assertEquals(made.key(), ring.find(made.secret()));
    assertNull(ring.find(made.secret() + "x"));
    assertNull(ring.find(made.key().hash()));
    assertTrue(ring.revoke(made.key().id()));
    assertNull(ring.find(made.secret()));
    assertFalse(ring.revoke(made.key().id()));
  }

  @Test
  void theFileHoldsHashesForItsOwnerAlone() throws IOException {
    var made = open().create(wish("one"));
    String text = Files.readString(file);
    assertFalse(text.contains(made.secret().substring(20)), text);
    assertTrue(text.contains(made.key().hash()), text);
    for (var path : List.of(file, file.resolveSibling("api-keys.lock"))) {
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    }
    assertEquals(
        "rwx------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())));
    assertFalse(made.toString().contains(made.secret()));
    try (var left = Files.list(file.getParent())) {
      assertEquals(2, left.count());
    }
  }

  @Test
  void allThatAKeyIsComesBackFromTheFile() throws IOException {
    var wish =
        new KeyWish(
            "für \"Seiten\"",
            Set.of(Scope.ISSUE),
            "acme",
            List.of("https://a.example", "http://localhost:5173"),
            "allocations=2;relay-only",
            START.plusSeconds(90));
    var ring = open();
    var made = ring.create(wish);
    ring.rotate(made.key().id(), Duration.ofHours(1));
    var read = open().keys();
    assertEquals(ring.keys(), read);
    assertEquals(wish, read.getFirst().wish());
    assertEquals(
        new ApiKey.Former(made.key().hash(), START.plusSeconds(3600)), read.getFirst().former());
  }

  @Test
  void aKeyEndsWhenItExpires() throws IOException {
    var ring = open();
    var made = ring.create(wish("short", START.plusSeconds(10)));
    now = START.plusSeconds(9);
    assertNotNull(ring.find(made.secret()));
    now = START.plusSeconds(10);
    assertNull(ring.find(made.secret()));
    assertEquals(1, ring.keys().size());
    now = START.plus(Duration.ofDays(31));
    ring.create(wish("other"));
    assertEquals(List.of("other"), ring.keys().stream().map(ApiKey::name).toList());
  }

  @Test
  void afterARotationBothSecretsAreGoodForTheOverlap() throws IOException {
    var ring = open();
    var first = ring.create(wish("one"));
    var second = ring.rotate(first.key().id(), Duration.ofSeconds(60)).orElseThrow();
    assertNotEquals(first.secret(), second.secret());
    now = START.plusSeconds(59);
    assertNotNull(ring.find(first.secret()));
    assertNotNull(ring.find(second.secret()));
    now = START.plusSeconds(60);
    assertNull(ring.find(first.secret()));
    assertNotNull(ring.find(second.secret()));
    var third = ring.rotate(first.key().id(), Duration.ZERO).orElseThrow();
    assertNull(ring.find(second.secret()));
    assertEquals(first.key().id(), third.key().id());
    assertTrue(ring.rotate("0123456789abcdef", Duration.ZERO).isEmpty());
  }

  @Test
  void whatAnotherProcessChangesIsKnownAfterASecond() throws IOException {
    var ring = open();
    var made = open().create(wish("by another"));
    assertNull(ring.find(made.secret()));
    now = START.plusMillis(999);
    assertNull(ring.find(made.secret()), "it looks at the disk too often");
    now = START.plusSeconds(1);
    assertNotNull(ring.find(made.secret()));
    open().revoke(made.key().id());
    now = START.plusSeconds(2);
    assertNull(ring.find(made.secret()));
  }

  @Test
  void aFileThatIsGarbledOrGoneChangesNothing() throws IOException {
    var ring = open();
    var made = ring.create(wish("one"));
    String good = Files.readString(file);
    for (String bad : new String[] {"no JSON\n", good + good, good.substring(0, 50)}) {
      Files.writeString(file, bad);
      now = now.plusSeconds(1);
      assertNotNull(ring.find(made.secret()), bad);
      assertThrows(IllegalArgumentException.class, () -> ring.create(wish("two")));
      assertEquals(bad, Files.readString(file));
    }
    Files.delete(file);
    now = now.plusSeconds(1);
    assertNotNull(ring.find(made.secret()));
    Files.writeString(file, "");
    now = now.plusSeconds(1);
    assertNull(ring.find(made.secret()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"id":"1"                                | it is not well-formed JSON, or has a field twice
          []                                       | it is not a JSON object
          {"nam":"x"}                              | name is 1 to 100 characters
          {"name":1}                               | name is a string
          {"name":null}                            | name is a string
          {"name":"x","name":"x"}                  | it is not well-formed JSON, or has a field twice
          {"name":"x"}                             | scopes are some of issue
          {"name":"x","scopes":"issue"}            | scopes is an array
          {"name":"x","scopes":[1]}                | scopes is an array of strings
          {"name":"x","scopes":["all"]}            | scopes are some of issue
          {"name":"x","scopes":["issue"]}          | id is missing
          """)
  void aLineThatIsNoKeyIsRefusedWithItsFileAndNumber(String line, String why) throws IOException {
    Files.createDirectories(file.getParent());
    open().create(wish("one"));
    Files.writeString(file, Files.readString(file) + "\n" + line + "\n");
    var e = assertThrows(IllegalArgumentException.class, this::open);
    String message = String.valueOf(e.getMessage());
    assertTrue(message.startsWith(file + ":3: ") || why.startsWith("name is 1"), message);
    assertTrue(message.contains(why) || message.contains("name is missing"), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " x", "x ", "a\nb", "a\u200eb", "\ud800"})
  void aNameThatCannotBeShownIsRefused(String name) {
    assertThrows(IllegalArgumentException.class, () -> wish(name));
  }

  @Test
  void aNameHasAHundredCharactersAtMost() {
    assertEquals(200, wish("\ud83d\ude00".repeat(100)).name().length());
    assertThrows(IllegalArgumentException.class, () -> wish("x".repeat(101)));
  }

  @Test
  void noTwoLiveKeysOfATenantShareAName() throws IOException {
    var ring = open();
    ring.create(wish("one", START.plusSeconds(5)));
    var e = assertThrows(KeyConflict.class, () -> ring.create(wish("one")));
    assertTrue(String.valueOf(e.getMessage()).startsWith("name is taken by the key "));
    ring.create(new KeyWish("one", Scope.ALL, "acme", List.of(), "", null));
    now = START.plusSeconds(5);
    ring.create(wish("one"));
    assertEquals(3, ring.keys().size());
  }

  @Test
  void keysForPagesMayIssueAndNothingElse() {
    var pages = List.of("https://app.example.org");
    assertEquals(pages, wish(Set.of(Scope.ISSUE), pages, "").origins());
    for (var scopes : List.of(Scope.ALL, Set.of(Scope.READ), Set.of(Scope.ISSUE, Scope.READ))) {
      assertThrows(IllegalArgumentException.class, () -> wish(scopes, pages, ""));
    }
    for (String origin :
        List.of("*", "null", "app.example.org", "https://App.example.org", "https://a/", "")) {
      var one = List.of(origin);
      assertThrows(IllegalArgumentException.class, () -> wish(Set.of(Scope.ISSUE), one, ""));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"x=1", "bytes=0", "bytes=5;bytes=5", "tenant=acme", "bytes=5;tenant=acme"})
  void limitsThatAreNoneAreRefused(String limits) {
    var issue = Set.of(Scope.ISSUE);
    assertThrows(IllegalArgumentException.class, () -> wish(issue, List.of(), limits));
  }

  @Test
  void aKeyWithLimitsDoesNotManage() {
    assertThrows(IllegalArgumentException.class, () -> wish(Scope.ALL, List.of(), "bytes=5"));
  }

  @Test
  void writersWhoComeTogetherLoseNothing() throws IOException {
    open().create(wish("first"));
    var rings = List.of(open(), open(), open());
    IntStream.range(0, 30)
        .parallel()
        .forEach(
            i -> {
              try {
                rings.get(i % 3).create(wish("key " + i));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    var names = new HashSet<String>();
    open().keys().forEach(key -> names.add(key.name()));
    assertEquals(31, names.size());
  }

  @Test
  void aFileLargerThanItMayBeIsRefused() throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, "\n".repeat((8 << 20) + 1).getBytes(UTF_8));
    assertThrows(IllegalArgumentException.class, this::open);
  }

  private KeyRing open() {
    return KeyRing.open(file, () -> now);
  }

  private static KeyWish wish(String name) {
    return wish(name, null);
  }

  private static KeyWish wish(String name, @Nullable Instant expires) {
    return new KeyWish(name, Scope.ALL, null, List.of(), "", expires);
  }

  private static KeyWish wish(Set<Scope> scopes, List<String> origins, String limits) {
    return new KeyWish("one", scopes, null, origins, limits, null);
  }
}

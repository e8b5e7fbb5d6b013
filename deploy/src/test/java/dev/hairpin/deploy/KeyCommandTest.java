package dev.hairpin.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyCommandTest {
  @TempDir private Path folder;

  @Test
  void aKeyIsPrintedOnceAndListedWithoutItsSecret() throws IOException {
    var made = run("create", "--name", "one", "--scopes", "issue,read", "--expires", "90d");
    assertEquals(0, made.exitCode(), made.err());
    assertTrue(
        made.out().matches("id   [0-9a-f]{16}\nkey  hp_[0-9a-f]{16}_[A-Za-z0-9_-]{43}\n"),
        made.out());
    run("create", "--name", "a page", "--origin", "https://a.example", "--tenant", "acme");
    var list = run("list");
    String secret = made.out().strip().substring(made.out().lastIndexOf('_'));
    assertFalse(list.out().contains(secret));
    assertFalse(Files.readString(folder.resolve("data/api-keys")).contains(secret));
    assertEquals(3, list.out().lines().count());
    String one = line(list.out(), "one"); // ids of one second are in no order
    String page = line(list.out(), "a page");
    assertTrue(one.contains("  one     issue,read  -       "), one);
    assertTrue(page.contains("  a page  issue       acme    "), page);
    assertTrue(page.endsWith("  never                 https://a.example"), page);
  }

  private static String line(String list, String name) {
    return list.lines().filter(line -> line.contains("  " + name + "  ")).findFirst().orElseThrow();
  }

  @Test
  void theColumnsLineUp() {
    for (String name : List.of("a", "ein längerer Name", "\ud83d\ude00")) {
      run("create", "--name", name);
    }
    var columns =
        run("list").out().lines().map(line -> column(line, "SCOPES", "issue")).distinct().toList();
    assertEquals(1, columns.size(), run("list").out());
  }

  private static int column(String line, String heading, String cell) {
    int at = Math.max(line.indexOf(heading), line.indexOf(cell));
    return line.codePointCount(0, at);
  }

  @Test
  void whatRootChangesStaysTheServersOwn() throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")));
    var data = Files.createDirectory(folder.resolve("data"));
    var nobody =
        data.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
    Files.setOwner(data, nobody);
    for (String name : List.of("one", "two")) {
      assertEquals(0, run("create", "--name", name).exitCode());
      for (String file : List.of("api-keys", "api-keys.lock")) {
        assertEquals(nobody, Files.getOwner(data.resolve(file)), file);
      }
    }
  }

  @Test
  void aKeyIsRevokedOnce() {
    String id = id(run("create", "--name", "one"));
    assertEquals("revoked " + id + "\n", run("revoke", id).out());
    var again = run("revoke", id);
    assertEquals(1, again.exitCode());
    assertEquals("there is no key " + id + "; hairpin key list shows them\n", again.err());
    assertEquals(1, run("list").out().lines().count());
  }

  @Test
  void aRotatedKeyKeepsItsId() {
    var made = run("create", "--name", "one");
    var rotated = run("rotate", id(made), "--overlap", "0s");
    assertEquals(0, rotated.exitCode(), rotated.err());
    assertEquals(id(made), id(rotated));
    assertFalse(made.out().equals(rotated.out()));
    assertEquals(1, run("rotate", "0123456789abcdef").exitCode());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          create                                        | Missing required option: '--name=NAME'
          create,--name,                                | hairpin key create: name is 1 to 100 characters
          create,--name,x,--scopes,root                 | hairpin key create: scopes are some of issue
          create,--name,x,--expires,0d                  | --expires: 0d is out of range
          create,--name,x,--origin,*                    | hairpin key create: origins are up to 20
          create,--name,x,--tenant,A                    | hairpin key create: tenant is a name
          create,--name,x,--limits,frames=1             | hairpin key create: limits: frames is unknown
          create,--name,x,--origin,https://a,--scopes,manage | hairpin key create: scopes of a key with
          revoke                                        | Missing required parameter: 'ID'
          rotate,x,--overlap,31d                        | --overlap: 31d is out of range
          remove,x                                      | Unmatched arguments
          """)
  void whatCannotBeIsRefused(String arguments, String why) {
    var refused = run(arguments.split(",", -1));
    assertEquals(2, refused.exitCode(), refused.err());
    assertTrue(refused.err().startsWith(why), refused.err());
    assertEquals("", refused.out());
    assertFalse(Files.exists(folder.resolve("data/api-keys")));
  }

  @Test
  void withoutACommandItSaysWhichThereAre() {
    var console = Console.run("key");
    assertEquals(2, console.exitCode());
    assertTrue(console.err().contains("Missing required subcommand"), console.err());
    assertTrue(Console.run("key", "--help").out().contains("rotate"));
    assertTrue(Console.run("key", "create", "--help").out().contains("--expires"));
  }

  @Test
  void aNameIsTakenOnce() {
    run("create", "--name", "one");
    var second = run("create", "--name", "one");
    assertEquals(1, second.exitCode());
    assertTrue(second.err().startsWith("name is taken by the key "), second.err());
  }

  @Test
  void aGarbledFileIsBlamedByItsLine() throws IOException {
    run("create", "--name", "one");
    var file = folder.resolve("data/api-keys");
    Files.writeString(file, Files.readString(file) + "{\n");
    var console = run("list");
    assertEquals(2, console.exitCode());
    assertTrue(console.err().contains(file + ":2: it is not well-formed JSON"), console.err());
    var named = Console.run("key", "list", "--key-ring", folder.resolve("none").toString());
    assertEquals(0, named.exitCode(), named.err());
  }

  private Console run(String... arguments) {
    var all = new ArrayList<>(List.of("key"));
    all.addAll(List.of(arguments));
    all.addAll(2, List.of("--data-dir", folder.resolve("data").toString()));
    return Console.run(all.toArray(String[]::new));
  }

  private static String id(Console made) {
    return made.out().substring(5, 21);
  }
}

package dev.hairpin.deploy.supply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.CredentialApi;
import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.turnserver.server.TurnServer;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.net.URISyntaxException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Calls that have made servers unsafe stand nowhere in the program, but where a line here says why
/// they may: read from the class files.
class BannedCallsTest {
  private static final String TURN = "dev/hairpin/turnserver/";
  private static final String API = "dev/hairpin/credentialapi/";
  private static final String ALL = "dev/hairpin/";

  /// @param owner of the method
  /// @param method a name, or empty for any
  /// @param descriptor how the method's descriptor begins
  /// @param where in what begins like this
  /// @param but the classes that may, by how their names begin
  private record Ban(
      String owner, String method, String descriptor, String where, Set<String> but) {
    boolean forbids(String caller, MemberRefEntry call) {
      return caller.startsWith(where)
          && but.stream().noneMatch(caller::startsWith)
          && call.owner().asInternalName().equals(owner)
          && (method.isEmpty() || call.name().equalsString(method))
          && call.type().stringValue().startsWith(descriptor);
    }
  }

  private static Ban ban(String owner, String method, String where, String... but) {
    return new Ban(owner, method, "", where, Set.of(but));
  }

  private static final List<Ban> BANS =
      List.of(
          // nothing that is to be unpredictable comes from these
          ban("java/util/Random", "", ALL),
          ban("java/util/SplittableRandom", "", ALL),
          ban("java/util/concurrent/ThreadLocalRandom", "", ALL),
          ban("java/lang/Math", "random", ALL),
          // input never becomes code, objects or processes
          ban("java/io/ObjectInputStream", "", ALL),
          ban("java/lang/ProcessBuilder", "", ALL),
          ban("java/lang/Runtime", "exec", ALL),
          ban("java/lang/Class", "forName", TURN),
          ban("javax/naming/InitialContext", "", ALL),
          ban("javax/script/ScriptEngineManager", "", ALL),
          // names are resolved where an operator wrote them, never where a client did
          ban("java/net/InetAddress", "getByName", ALL),
          ban(
              "java/net/InetAddress",
              "getAllByName",
              ALL,
              "dev/hairpin/deploy/check/",
              API + "auth/JwksFetcher"),
          ban("java/net/InetAddress", "getHostName", ALL),
          ban("java/net/InetAddress", "getCanonicalHostName", ALL),
          new Ban(
              "java/net/InetSocketAddress",
              "<init>",
              "(Ljava/lang/String;I)",
              ALL,
              Set.of("dev/hairpin/deploy/check/")),
          // time is the loop's, and does not jump
          ban("java/lang/System", "currentTimeMillis", TURN, TURN + "loop/Clock"),
          ban("java/time/Instant", "now", TURN),
          ban("java/lang/Thread", "sleep", TURN),
          // nothing on a loop blocks
          ban("java/net/DatagramSocket", "", TURN),
          ban("java/net/Socket", "", TURN),
          ban("java/net/ServerSocket", "", TURN),
          // no format in the hands of strangers, and nothing of theirs on the terminal
          ban("java/lang/String", "format", TURN),
          // the sums of an allocation, once in its life
          ban("java/lang/String", "formatted", TURN, TURN + "allocation/Traffic"),
          new Ban("java/lang/System", "out", "", TURN, Set.of()),
          new Ban("java/lang/System", "err", "", TURN, Set.of()),
          new Ban("java/lang/System", "out", "", API, Set.of()),
          new Ban("java/lang/System", "err", "", API, Set.of()),
          ban("java/lang/Throwable", "printStackTrace", ALL),
          // what is secret is compared in constant time; realm, algorithms and user hash are not
          ban("java/util/Arrays", "equals", TURN + "auth/", TURN + "auth/Authenticator"),
          ban("java/util/Arrays", "equals", TURN + "credential/"),
          ban("java/util/Arrays", "equals", TURN + "stun/"));

  @Test
  void noBannedCallStandsInTheProgram() throws Exception {
    for (Class<?> type : List.of(TurnServer.class, CredentialApi.class, Configuration.class)) {
      var place = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isDirectory(place)) {
        assertEquals(Set.of(), violations(place), place::toString);
      } else {
        try (var jar = FileSystems.newFileSystem(place)) {
          assertEquals(Set.of(), violations(jar.getPath("/")), place::toString);
        }
      }
    }
  }

  @Test
  void aBannedCallIsSeen() throws IOException, URISyntaxException {
    var own = BannedCallsTest.class;
    var place = Path.of(own.getProtectionDomain().getCodeSource().getLocation().toURI());
    var file = place.resolve(own.getName().replace('.', '/') + "$Offender.class");
    var seen = new TreeSet<String>();
    read(file, seen);
    assertEquals(1, seen.size(), seen::toString);
  }

  /// Does what is forbidden.
  static final class Offender {
    private Offender() {}

    static double dice() {
      return Math.random();
    }
  }

  private static Set<String> violations(Path classes) throws IOException {
    var found = new TreeSet<String>();
    int seen = 0;
    try (var files = Files.walk(classes)) {
      for (var file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        read(file, found);
        seen++;
      }
    }
    assertTrue(seen > 20, "the classes were not found");
    return found;
  }

  private static void read(Path file, Set<String> found) throws IOException {
    var parsed = ClassFile.of().parse(Files.readAllBytes(file));
    String caller = parsed.thisClass().asInternalName();
    for (var entry : parsed.constantPool()) {
      if (entry instanceof MemberRefEntry call
          && BANS.stream().anyMatch(ban -> ban.forbids(caller, call))) {
        found.add(
            caller + " calls " + call.owner().asInternalName() + "." + call.name().stringValue());
      }
    }
  }
}

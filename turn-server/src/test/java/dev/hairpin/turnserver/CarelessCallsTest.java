package dev.hairpin.turnserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// What no class of the server names, read from the class files.
class CarelessCallsTest {
  /// Whoever has seen some of their numbers knows the next.
  private static final Set<String> GUESSABLE =
      Set.of(
          "java/util/Random",
          "java/util/SplittableRandom",
          "java/util/concurrent/ThreadLocalRandom",
          "java/lang/Math.random",
          "java/lang/StrictMath.random",
          "io/netty/util/internal/ThreadLocalRandom",
          "java/util/Collections.shuffle",
          "java/util/UUID.nameUUIDFromBytes");

  /// They tell by their time how much of two values is equal.
  private static final Set<String> HASTY =
      Set.of(
          "java/util/Arrays.equals",
          "java/util/Arrays.compare",
          "java/util/Arrays.mismatch",
          "java/util/Objects.deepEquals",
          "java/nio/ByteBuffer.equals",
          "java/nio/ByteBuffer.compareTo",
          "java/nio/ByteBuffer.mismatch",
          "io/netty/buffer/ByteBufUtil.equals",
          "io/netty/buffer/ByteBuf.equals",
          "java/lang/String.contentEquals",
          "java/lang/String.compareTo");

  /// They compare texts that are no secret: usernames, realms and names of transports.
  private static final Set<String> COMPARE_NAMES =
      Set.of(
          "auth/Authenticator",
          "auth/AuthResult$Known",
          "auth/AuthSettings",
          "credential/CredentialIssuer",
          "credential/CredentialScope",
          "credential/CredentialVerifier",
          "credential/Revocations",
          "credential/Tenant");

  @Test
  void chanceIsDrawnFromTheSecureSourceAlone() throws Exception {
    for (var file : classesOf("")) {
      assertEquals(Set.of(), namedBy(file, GUESSABLE), file.toString());
    }
  }

  @Test
  void whatAuthenticatesIsComparedInConstantTime() throws Exception {
    int comparing = 0;
    for (String room : List.of("auth", "credential", "stun")) {
      for (var file : classesOf(room)) {
        assertEquals(Set.of(), namedBy(file, HASTY), file.toString());
        String name = room + "/" + file.getFileName().toString().replace(".class", "");
        boolean comparesTexts = !namedBy(file, Set.of("java/lang/String.equals")).isEmpty();
        assertTrue(!comparesTexts || COMPARE_NAMES.contains(name), name);
        comparing += namedBy(file, Set.of("java/security/MessageDigest.isEqual")).size();
      }
    }
    assertEquals(5, comparing); // nonces, integrities, passwords, hashes and claims of usernames
  }

  @Test
  void aBannedCallIsSeen() throws Exception {
    var home = Path.of(CarelessCallsTest.class.getResource("CarelessCallsTest.class").toURI());
    var guilty = home.resolveSibling("CarelessCallsTest$Guilty.class");
    assertEquals(Set.of("java/util/Random"), namedBy(guilty, GUESSABLE));
    assertEquals(Set.of("java/util/Arrays.equals"), namedBy(guilty, HASTY));
  }

  @SuppressWarnings("unused")
  private static final class Guilty {
    boolean compares(byte[] one) {
      return java.util.Arrays.equals(one, new byte[new java.util.Random().nextInt()]);
    }
  }

  private static Set<String> namedBy(Path file, Set<String> banned) throws IOException {
    var found = new TreeSet<String>();
    for (var entry : ClassFile.of().parse(file).constantPool()) {
      switch (entry) {
        case ClassEntry c -> found.add(c.asInternalName());
        case MemberRefEntry m ->
            found.add(m.owner().asInternalName() + "." + m.name().stringValue());
        default -> {}
      }
    }
    found.retainAll(banned);
    return found;
  }

  private static List<Path> classesOf(String room) throws IOException, URISyntaxException {
    var location =
        dev.hairpin.turnserver.net.Family.class.getProtectionDomain().getCodeSource().getLocation();
    var folder = Path.of(location.toURI()).resolve("dev/hairpin/turnserver").resolve(room);
    try (var files = Files.walk(folder)) {
      var found = new ArrayList<>(files.filter(f -> f.toString().endsWith(".class")).toList());
      assertTrue(found.size() > 5, "the classes were not found");
      return found;
    }
  }
}

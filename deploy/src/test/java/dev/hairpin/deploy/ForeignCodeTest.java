package dev.hairpin.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.CredentialApi;
import dev.hairpin.turnserver.server.TurnServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What no class of the product may use: databases, directories, foreign objects, scripts, other
/// programs.
class ForeignCodeTest {
  private static final String STORE = "/credentialapi/storage/jdbc/";
  private static final Pattern FORBIDDEN =
      Pattern.compile(
          "java/sql/[A-Za-z]+|javax/sql/[A-Za-z]+|javax/naming/[A-Za-z]+"
              + "|java/io/ObjectInputStream|javax/script/[A-Za-z]+|java/lang/Runtime\u0001?\\.exec"
              + "|java/lang/ProcessBuilder|javax/management/remote/[A-Za-z]+");

  @Test
  void noClassButTheStoreSpeaksSqlAndNoneJndiScriptsOrForeignObjectsOrStartsPrograms()
      throws Exception {
    var found = new ArrayList<String>();
    int classes = 0;
    for (var module : List.of(Hairpin.class, CredentialApi.class, TurnServer.class)) {
      var source = Path.of(module.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isDirectory(source)) {
        classes += search(source.resolve("dev"), found);
      } else {
        try (var jar = FileSystems.newFileSystem(source)) {
          classes += search(jar.getPath("/dev"), found);
        }
      }
    }
    assertTrue(classes > 300, classes + " classes");
    assertEquals(List.of(), found);
  }

  private static int search(Path root, List<String> found) throws IOException {
    try (var files = Files.walk(root)) {
      var classes = files.filter(file -> file.toString().endsWith(".class")).toList();
      for (var file : classes) {
        var matcher = FORBIDDEN.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        boolean isStore = file.toString().contains(STORE); // statements without a stranger's word
        while (matcher.find()) {
          if (!isStore || !matcher.group().contains("/sql/")) {
            found.add(file + ": " + matcher.group());
          }
        }
      }
      return classes.size();
    }
  }
}

package dev.hairpin.turnserver.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.CredentialVerifier;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Who somebody is, is computed from the request and the secrets: nobody is asked, so that nothing
/// that is asked can be down, hang, or lie.
class NoBackEndTest {
  private static final Pattern ASKS =
      Pattern.compile(
          "java/net/(Socket|ServerSocket|DatagramSocket|URL|URI|http/)[A-Za-z]*"
              + "|java/nio/channels/[A-Za-z/]+|io/netty/(channel|bootstrap|resolver)/[A-Za-z/]+"
              + "|java/sql/[A-Za-z]+|javax/(sql|naming)/[A-Za-z/]+|java/lang/Process[A-Za-z]*");

  @Test
  void theClassesThatAuthenticateKnowNoNetworkNoDatabaseAndNoProcess() throws Exception {
    var found = new ArrayList<String>();
    int classes = 0;
    for (var room : List.of(Authenticator.class, CredentialVerifier.class)) {
      for (var file : classesBeside(room)) {
        classes++;
        var matcher = ASKS.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        while (matcher.find()) {
          found.add(file.getFileName() + " " + matcher.group());
        }
      }
    }
    assertTrue(classes > 15, classes + " classes");
    assertEquals(List.of(), found);
  }

  private static List<Path> classesBeside(Class<?> type) throws IOException, URISyntaxException {
    var root = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (var files = Files.list(root.resolve(type.getPackageName().replace('.', '/')))) {
      return files.filter(file -> file.toString().endsWith(".class")).toList();
    }
  }
}

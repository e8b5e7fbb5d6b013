package dev.hairpin.deploy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class YamlWriterTest {
  private static final KeySet KEYS = new KeySet(TurnKeys.ALL);

  @TempDir Path folder;

  @Test
  void theSampleChangesNothing() throws IOException {
    var configuration = read(YamlWriter.documented(KEYS));
    for (var key : KEYS.all()) {
      assertEquals(Origin.Unwritten.DEFAULT, configuration.origin(key), key.path());
    }
  }

  @Test
  void theSampleWithoutItsCommentSignsGivesEveryDefaultOrExample() throws IOException {
    String uncommented =
        YamlWriter.documented(KEYS).replaceAll("(?m)^#(?! )", "").replaceAll("(?m)^#  ", "  ");
    var configuration = read(uncommented);
    for (var key : KEYS.all()) {
      assertTrue(configuration.isSet(key), key.path());
      assertEquals(key.shown(), configuration.all(key), key.path());
    }
  }

  @Test
  void whatIsInForceReadsBackToTheSame() throws IOException {
    var given =
        Configuration.of(KEYS)
            .withFlag(TurnKeys.REALM, "--realm", List.of("it's: a # \u00fcber realm"))
            .withFlag(TurnKeys.PEERS_DENY, "--deny", List.of("::/0", "fc00::/7"))
            .withFlag(TurnKeys.EXTERNAL_ADDRESS, "--external-address", List.of("fc00::"))
            .withFlag(TurnKeys.SECRET_FILE, "--secret-file", List.of("/a b/- c"));
    var effective = TurnConfig.withFoundAddresses(given, _ -> Optional.empty());
    var again = read(YamlWriter.effective(effective, Map.of()));
    for (var key : KEYS.all()) {
      assertEquals(effective.all(key), again.all(key), key.path());
    }
  }

  @Test
  void whatIsInForceSaysWhereItComesFrom() {
    var given = Configuration.of(KEYS).withFlag(TurnKeys.REALM, "--realm", List.of("here"));
    var effective = TurnConfig.withFoundAddresses(given, _ -> Optional.empty());
    String text = YamlWriter.effective(effective, Map.of("realm", "ours"));
    assertTrue(text.contains("realm: here  # --realm; ours\n"), text);
    assertTrue(text.contains("listen:  # chosen for this machine\n  - udp://0.0.0.0:3478\n"), text);
    assertTrue(text.contains("external-address: []  # default\n"), text);
    assertTrue(text.contains("relay:\n  addresses:"), text);
    assertTrue(text.contains("  ports: 49152-65535  # default\n"), text);
  }

  private Configuration read(String text) throws IOException {
    var file = Files.writeString(folder.resolve("hairpin.yml"), text);
    return Configuration.read(file, KEYS);
  }
}

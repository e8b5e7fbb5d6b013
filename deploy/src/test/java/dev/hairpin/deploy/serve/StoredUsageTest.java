package dev.hairpin.deploy.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.storage.Database;
import dev.hairpin.deploy.config.ConfigException;
import dev.hairpin.deploy.config.TurnKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredUsageTest {
  private static final String URL = "jdbc:postgresql://db.example.org:5432/hairpin";
  private static final String PASSWORD = "hunter2";

  @TempDir Path folder;

  @Test
  void withoutConfigurationItIsAFileOfTheDataDirectory() {
    var plan = plan();
    assertEquals(new Database.Embedded(folder.resolve("data")), plan.database());
    assertEquals(Duration.ofSeconds(5), plan.configuration().one(HairpinKeys.STORAGE_FLUSH));
    assertEquals(Duration.ofDays(400), plan.configuration().one(HairpinKeys.STORAGE_RETENTION));
    assertFalse(Files.exists(folder.resolve("data/usage.mv.db")), "nothing is opened by a plan");
  }

  @Test
  void itCanBeSwitchedOff() {
    assertNull(plan(HairpinKeys.STORAGE_URL, "off").database());
  }

  @Test
  void postgresqlHasItsPasswordFromAFileAndNobodyIsToldIt() throws IOException {
    var plan =
        plan(
            HairpinKeys.STORAGE_URL,
            URL + "?sslmode=verify-full",
            HairpinKeys.STORAGE_USER,
            "hairpin",
            HairpinKeys.STORAGE_PASSWORD_FILE,
            password("rw-------", PASSWORD));
    assertEquals(
        new Database.Server(URL + "?sslmode=verify-full", "hairpin", PASSWORD), plan.database());
    assertFalse(plan.toString().contains(PASSWORD), plan::toString);
  }

  @Test
  void aPasswordThatOthersCanReadIsRefusedWhereOthersAreServed() throws IOException {
    var file = password("rw-r--r--", PASSWORD);
    String refusal =
        assertThrows(ConfigException.class, () -> withPassword(file, "udp://192.0.2.7:3478"))
            .getMessage();
    assertTrue(refusal.contains(file + " is open to other users of this machine"), refusal);
    assertTrue(refusal.contains("chmod 600 " + file), refusal);
  }

  private Plan withPassword(Path file, String listener) {
    return plan(
        TurnKeys.LISTEN,
        listener,
        HairpinKeys.STORAGE_URL,
        URL,
        HairpinKeys.STORAGE_PASSWORD_FILE,
        file);
  }

  @Test
  void aFileOfSeveralPasswordsIsRefused() throws IOException {
    var file = password("rw-------", PASSWORD + "\nother\n");
    var e =
        assertThrows(
            ConfigException.class,
            () -> plan(HairpinKeys.STORAGE_URL, URL, HairpinKeys.STORAGE_PASSWORD_FILE, file));
    assertEquals(
        "--storage.password-file: " + file + " holds more than a password; leave one line in it",
        e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        URL + "?user=hairpin&password=" + PASSWORD,
        URL + "?PASSWORD=" + PASSWORD,
        URL + "?sslpassword=" + PASSWORD,
        URL + "?p%61ssword=" + PASSWORD,
        "jdbc:postgresql://hairpin:" + PASSWORD + "@db.example.org/hairpin",
        "jdbc:h2:tcp://db/" + PASSWORD,
        "jdbc:h2:mem:x;INIT=RUNSCRIPT FROM '" + PASSWORD + "'",
        "postgres://db/" + PASSWORD,
        "jdbc:postgresql:" + PASSWORD,
        "yes-" + PASSWORD,
        ""
      })
  void aUrlOfAnotherFormIsRefusedWithoutRepeatingIt(String url) {
    var e =
        assertThrows(
            ConfigException.class,
            () -> Samples.with(folder, HairpinKeys.STORAGE_URL, url.replace(' ', '+')));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("storage.url"), message);
    assertFalse(message.contains(PASSWORD), message);
  }

  @Test
  void whoIsForPostgresqlIsRefusedElsewhere() {
    var e = assertThrows(ConfigException.class, () -> plan(HairpinKeys.STORAGE_USER, "hairpin"));
    assertTrue(String.valueOf(e.getMessage()).contains("it is for PostgreSQL alone"));
  }

  private Path password(String permissions, String text) throws IOException {
    var file = Files.writeString(folder.resolve("password"), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  private Plan plan(Object... keysAndTexts) {
    return Plan.of(Samples.with(folder.resolve("data"), keysAndTexts));
  }
}

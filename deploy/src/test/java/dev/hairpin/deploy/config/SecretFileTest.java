package dev.hairpin.deploy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretFileTest {
  private static final String STRONG = "f7c51b8d8a94452f0e3a6b97cc1d28e5";

  @TempDir Path folder;
  private Path secrets = Path.of("");
  private Path config = Path.of("");

  @BeforeEach
  void nameTheSecretsOnLineTwo() throws IOException {
    secrets = folder.resolve("turn-secret");
    config = folder.resolve("hairpin.yml");
    Files.writeString(config, "# a file\nsecret-file: turn-secret\n");
  }

  @Test
  void linesAreReadNewestFirstWithoutCommentsAndBlanks() throws IOException {
    write("# ours\n\n  " + STRONG + "  \nolder-" + STRONG + "\n", "rw-------");
    assertEquals(List.of(STRONG, "older-" + STRONG), read().lines());
    assertEquals(List.of(), read().faults());
  }

  @Test
  void theTimesOfASecretDoNotMakeItLonger() throws IOException {
    write(STRONG + " not-after=2027-01-31T12:00:00Z\n", "rw-------");
    assertEquals(List.of(), read().faults());
    write("short not-before=2027-01-31T12:00:00Z not-after=2028-01-31T12:00:00Z\n", "rw-------");
    assertEquals(1, read().faults().size());
  }

  @Test
  void aFileThatIsNotThereBlamesFileAndLine() {
    assertRefused("cannot read " + secrets + ": there is no such file");
  }

  @Test
  void aFolderBlamesFileAndLine() throws IOException {
    Files.createDirectory(secrets);
    assertRefused("cannot read " + secrets + ": Is a directory");
  }

  @Test
  void aFileWithoutSecretsBlamesFileAndLine() throws IOException {
    write("# nothing yet\n\n", "rw-------");
    assertRefused(secrets + " holds no secret; write one into its first line");
  }

  @Test
  void aFileThatIsNoTextBlamesFileAndLine() throws IOException {
    Files.write(secrets, new byte[] {(byte) 0xff, (byte) 0xfe});
    assertRefused("cannot read " + secrets + ": the file is not UTF-8 text");
  }

  @Test
  void aFileThatOthersCanReadOrWriteIsAFault() throws IOException {
    for (String permissions : List.of("rw-r-----", "rw----r--", "rw--w----", "rw-----w-")) {
      write(STRONG, permissions);
      assertEquals(
          List.of(
              new SecretFile.Fault(
                  Unsafe.OPEN_SECRET_FILES,
                  secrets + " is open to other users of this machine",
                  "run: chmod 600 " + secrets)),
          read().faults());
    }
  }

  @Test
  void aWeakSecretIsAFaultAndNotShown() throws IOException {
    write(STRONG + "\nhunter2\n", "rw-------");
    var faults = read().faults();
    assertEquals(1, faults.size());
    assertEquals(Unsafe.WEAK_SECRETS, faults.getFirst().kind());
    assertFalse(faults.toString().contains("hunter2"), faults.toString());
  }

  @Test
  void theGroupMayReadTheKeyOfACertificateAndNobodyElse() throws IOException {
    write(STRONG, "rw-r-----");
    assertEquals(List.of(), SecretFile.faultsOfKey(secrets));
    write(STRONG, "rw-r--r--");
    assertEquals(Unsafe.OPEN_SECRET_FILES, SecretFile.faultsOfKey(secrets).getFirst().kind());
  }

  @Test
  void itsTextDoesNotShowWhatItHolds() throws IOException {
    write(STRONG, "rw-------");
    assertEquals("SecretFile[" + secrets + ", 1]", read().toString());
  }

  private void write(String text, String permissions) throws IOException {
    Files.deleteIfExists(secrets);
    Files.writeString(secrets, text);
    Files.setPosixFilePermissions(secrets, PosixFilePermissions.fromString(permissions));
  }

  private SecretFile read() {
    var configuration = Configuration.read(config, new KeySet(TurnKeys.ALL));
    return SecretFile.read(configuration, TurnKeys.SECRET_FILE);
  }

  private void assertRefused(String words) {
    String message = assertThrows(ConfigException.class, this::read).getMessage();
    assertTrue(message.startsWith(config + ":2: secret-file: " + words), message);
    assertTrue(message.contains("; "), message);
  }
}

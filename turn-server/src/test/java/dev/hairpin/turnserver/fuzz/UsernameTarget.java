package dev.hairpin.turnserver.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.CredentialUsername;
import dev.hairpin.turnserver.credential.CredentialVerifier;
import dev.hairpin.turnserver.credential.SharedSecrets;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// USERNAME, broken UTF-8 included: what is one is read back as the same, and is short and
/// printable.
final class UsernameTarget implements FuzzTarget {
  private static final long NOW = 1_800_000_000L;
  private static final int MAX_BYTES = 10 + 1 + 255;

  private final CredentialVerifier verifier =
      new CredentialVerifier(
          SharedSecrets.of("the secret of usernames"), Duration.ofDays(1), Duration.ZERO);

  @Override
  public void take(byte[] input) {
    var text = new String(input, StandardCharsets.UTF_8);
    var name = CredentialUsername.parse(text);
    var verdict = verifier.verify(text, NOW);
    assertEquals(name == null, verdict == CredentialVerifier.Verdict.Invalid.MALFORMED, text);
    if (name == null) {
      return;
    }
    var written = name.format();
    assertEquals(name, CredentialUsername.parse(written), text);
    assertTrue(written.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES, text);
    assertFalse(written.chars().anyMatch(Character::isISOControl), text);
    if (verdict instanceof CredentialVerifier.Verdict.Valid(var credential)) {
      assertEquals(name, credential);
      assertTrue(name.expiresAtSeconds() > NOW);
    }
  }
}

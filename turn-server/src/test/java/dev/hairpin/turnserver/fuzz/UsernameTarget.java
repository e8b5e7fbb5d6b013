package dev.hairpin.turnserver.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.CredentialScope;
import dev.hairpin.turnserver.credential.CredentialUsername;
import dev.hairpin.turnserver.credential.CredentialVerifier;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.credential.Tenant;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/// USERNAME, broken UTF-8 included: what is one is read back as the same, and is printable, and
/// short where it has no limits.
final class UsernameTarget implements FuzzTarget {
  private static final long NOW = 1_800_000_000L;
  private static final int MAX_BYTES = 10 + 1 + 255;

  private final CredentialVerifier verifier =
      new CredentialVerifier(
          SharedSecrets.of("the secret of usernames"), Duration.ofDays(1), Duration.ZERO);

  UsernameTarget() {
    var secrets = SharedSecrets.of("the secret of the tenant");
    verifier.apply(List.of(new Tenant("acme", "example.org", "", secrets, List.of())), NOW);
  }

  @Override
  public void take(byte[] input) {
    var text = new String(input, StandardCharsets.UTF_8);
    var name = CredentialUsername.parse(text);
    var verified = verifier.verify(text, NOW);
    if (name == null) {
      assertNull(verified, text);
      return;
    }
    var written = name.format();
    assertEquals(name, CredentialUsername.parse(written), text);
    boolean isShort = written.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
    assertTrue(isShort || !name.scope().equals(CredentialScope.NONE), text);
    assertFalse(written.chars().anyMatch(Character::isISOControl), text);
    long remaining = name.expiresAtSeconds() - NOW;
    boolean isGood = remaining > 0 && remaining <= Duration.ofDays(1).toSeconds();
    boolean isOurs = List.of("", "acme").contains(name.account().tenant());
    assertEquals(isGood && isOurs ? name : null, verified, text);
  }
}

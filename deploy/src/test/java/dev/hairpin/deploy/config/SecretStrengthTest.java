package dev.hairpin.deploy.config;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.SharedSecrets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretStrengthTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "north",
        "secret",
        "logen",
        "hunter2",
        "turnsecret",
        "long-and-cryptic",
        "correcthorsebattery",
        "0123456789abcdef",
        "0123456789abcdef0123456789abcdef",
        "00000000000000000000000000000000000000000000000000000000000000000",
        "abababababababababababababababababababababababababababababababab",
        "passwordpasswordpasswordpasswordpasswordpassword",
        "abcdefghijklmnopqrstuvwxyz",
        "zyxwvutsrqponmlkjihgfedcba9876543210",
        "f7c51b8d8a94452f0e3a6b97cc1d28e",
        "01234567890123456789012345678901234567890123456789",
        "N0t4ctuAllymatr1Xd0TorgSshar3d5ecret4obvIousreAsons",
        "your-turn-secret-f7c51b8d8a94452f0e3a6b97cc1d28e5",
        "please-CHANGE-ME-f7c51b8d8a94452f0e3a6b97cc1d28e5",
        "replace-this-f7c51b8d8a94452f0e3a6b97cc1d28e5"
      })
  void whatCanBeGuessedIsWeak(String secret) {
    assertTrue(SecretStrength.isWeak(secret));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "f7c51b8d8a94452f0e3a6b97cc1d28e5",
        "F7C51B8D8A94452F0E3A6B97CC1D28E5",
        "550e8400-e29b-41d4-a716-446655440000",
        "mK3/v9+QzX0pLw7RtB2yNg==",
        "kP9_v3-QzX0pLw7RtB2yNgDdE4sFhJqA"
      })
  void whatTakes128BitsIsStrong(String secret) {
    assertFalse(SecretStrength.isWeak(secret));
  }

  @Test
  void whatPeopleAreToldToMakeIsStrong() {
    var random = new Random(1);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = new byte[32];
      random.nextBytes(bytes);
      for (String secret :
          new String[] {
            SharedSecrets.generate(),
            Base64.getEncoder().encodeToString(bytes),
            HexFormat.of().formatHex(bytes)
          }) {
        assertFalse(SecretStrength.isWeak(secret), secret);
      }
    }
  }
}

package dev.hairpin.deploy.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.RoomSettings;
import dev.hairpin.deploy.config.ConfigException;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What an operator says of rooms.
class RoomKeysTest {
  @TempDir private Path folder;

  private RoomSettings rooms(Object... keysAndTexts) {
    var plan = Plan.of(Samples.with(folder.resolve("data"), keysAndTexts));
    var callers = plan.callers();
    assertNotNull(callers);
    var listen = URI.create("http://127.0.0.1:8080");
    return plan.apiSettings(listen, callers, plan.listeners(), null).rooms();
  }

  @Test
  void thereAreRoomsForEightUnlessTheyAreUnwanted() {
    assertEquals(new RoomSettings(true, 8), rooms());
    assertEquals(new RoomSettings(false, 8), rooms(HairpinKeys.API_ROOMS, "false"));
    assertEquals(
        new RoomSettings(true, 50),
        rooms(HairpinKeys.API_ROOMS, "true", HairpinKeys.API_ROOM_SIZE, "50"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "yes", "True", "1", "off"})
  void anythingButTrueAndFalseIsRefused(String text) {
    var error = assertThrows(ConfigException.class, () -> rooms(HairpinKeys.API_ROOMS, text));
    assertTrue(String.valueOf(error.getMessage()).endsWith("; write true or false"), text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "51", "eight"})
  void aRoomTakes2To50(String text) {
    assertThrows(ConfigException.class, () -> rooms(HairpinKeys.API_ROOM_SIZE, text));
  }
}

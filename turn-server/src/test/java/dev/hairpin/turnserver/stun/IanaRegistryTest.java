package dev.hairpin.turnserver.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.telemetry.Counters;
import dev.hairpin.turnserver.testkit.Resources;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The server's numbers are those that IANA registered, by value and by name.
class IanaRegistryTest {
  @Test
  void methods() throws Exception {
    var registry = registry("methods");
    for (var field : constants(Method.class)) {
      assertEquals(registry.get(letters(field.getName())), field.getInt(null), field.getName());
    }
  }

  @Test
  void attributes() throws Exception {
    var registry = registry("attributes");
    for (var field : constants(Attribute.class)) {
      assertEquals(registry.get(letters(field.getName())), field.getInt(null), field.getName());
    }
  }

  @Test
  void errorCodesAndEachHasACounter() {
    var registry = registry("error-codes");
    for (var error : ErrorCode.values()) {
      assertEquals(registry.get(letters(error.name())), error.code(), error.name());
      assertEquals(0, new Counters().errors(error.code()));
    }
  }

  private static List<Field> constants(Class<?> type) {
    return Arrays.stream(type.getDeclaredFields())
        .filter(f -> Modifier.isStatic(f.getModifiers()) && f.getType() == int.class)
        .filter(f -> !f.isSynthetic()) // tools that measure coverage add fields
        .toList();
  }

  /// Names differ in their punctuation only: XOR-PEER-ADDRESS, ChannelBind, Server Error.
  private static String letters(String name) {
    return name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "");
  }

  private static Map<String, Integer> registry(String name) {
    return Resources.lines("/iana/" + name + ".csv").stream()
        .skip(1)
        .map(line -> line.split(","))
        .collect(Collectors.toMap(row -> letters(row[1]), row -> Integer.decode(row[0])));
  }
}

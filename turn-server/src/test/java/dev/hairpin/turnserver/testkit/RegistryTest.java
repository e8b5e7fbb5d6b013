package dev.hairpin.turnserver.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The numbers of the test client are those that IANA registered.
class RegistryTest {
  @Test
  void everyMethodHasItsRegisteredNumber() {
    var registered = registered("methods");
    for (Field field : Methods.class.getFields()) {
      assertEquals(number(field), registered.get(field.getName().replace("_", "")));
    }
  }

  @Test
  void everyAttributeHasItsRegisteredNumber() {
    var registered = registered("attributes");
    for (Field field : Attributes.class.getFields()) {
      assertEquals(number(field), registered.get(field.getName().replace('_', '-')));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"methods", "attributes", "error-codes"})
  void theListsRiseWithoutGapsInTheirColumns(String registry) {
    var rows = rows(registry);
    var numbers = rows.stream().map(row -> Integer.decode(row.getFirst())).toList();
    assertEquals(numbers.stream().sorted().distinct().toList(), numbers);
    assertTrue(rows.stream().allMatch(row -> row.size() == 3 && !row.contains("")));
  }

  private static int number(Field field) {
    try {
      return field.getInt(null);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  private static Map<String, Integer> registered(String registry) {
    return rows(registry).stream()
        .collect(
            Collectors.toMap(
                row -> row.get(1).toUpperCase(Locale.ROOT), row -> Integer.decode(row.getFirst())));
  }

  private static List<List<String>> rows(String registry) {
    return Resources.lines("/iana/" + registry + ".csv").stream()
        .skip(1)
        .map(line -> Arrays.asList(line.split(",", -1)))
        .toList();
  }
}

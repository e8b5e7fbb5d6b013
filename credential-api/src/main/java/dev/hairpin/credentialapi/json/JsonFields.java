package dev.hairpin.credentialapi.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The fields of a JSON object, taken out one by one; what nobody takes is refused by [#end()], and
/// so are fields that stand twice, `null` and values of another type. A field that is missing is
/// null. What goes wrong is an `IllegalArgumentException` that quotes nothing.
public final class JsonFields {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final Map<String, Object> rest;
  private final Set<String> known = new LinkedHashSet<>();

  private static final Object NULL = new Object();

  private record Texts(List<String> items) {}

  private JsonFields(Map<String, Object> fields) {
    this.rest = fields;
  }

  /// Reads a text that is one object.
  public static JsonFields of(byte[] json) {
    try (JsonParser parser = JSON.createParser(json)) {
      var fields = object(parser, parser.nextToken());
      if (parser.nextToken() != null) {
        throw new IllegalArgumentException("it goes on behind its JSON object");
      }
      return fields;
    } catch (IOException _) { // its message quotes the text
      throw new IllegalArgumentException("it is not well-formed JSON, or has a field twice");
    }
  }

  private static JsonFields object(JsonParser parser, @Nullable JsonToken first)
      throws IOException {
    if (first != JsonToken.START_OBJECT) {
      throw new IllegalArgumentException("it is not a JSON object");
    }
    var fields = new LinkedHashMap<String, Object>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      fields.put(parser.currentName(), value(parser, parser.nextToken()));
    }
    return new JsonFields(fields);
  }

  private static Object value(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == NumberType.BIG_INTEGER ? new Object() : parser.getLongValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case START_OBJECT -> object(parser, token);
      case START_ARRAY -> texts(parser);
      case VALUE_NULL -> NULL;
      default -> new Object(); // nothing that is asked for
    };
  }

  private static Object texts(JsonParser parser) throws IOException {
    var texts = new ArrayList<String>();
    boolean pure = true;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      pure &= parser.currentToken() == JsonToken.VALUE_STRING;
      parser.skipChildren();
      texts.add(parser.getText());
    }
    return pure ? new Texts(List.copyOf(texts)) : new Object();
  }

  /// Whether a field is there, and not taken.
  public boolean has(String name) {
    known.add(name);
    return rest.containsKey(name);
  }

  /// Takes a field whose value is `null`, where one is to be said by that; no other.
  public boolean takeNull(String name) {
    known.add(name);
    return rest.remove(name, NULL);
  }

  public @Nullable String text(String name) {
    return take(name, String.class, "a string");
  }

  public @Nullable Long number(String name) {
    return take(name, Long.class, "a whole number");
  }

  public @Nullable Boolean truth(String name) {
    return take(name, Boolean.class, "true or false");
  }

  public @Nullable JsonFields object(String name) {
    return take(name, JsonFields.class, "an object");
  }

  /// An array of strings; empty where it is missing.
  public List<String> texts(String name) {
    var texts = take(name, Texts.class, "an array of strings");
    return texts == null ? List.of() : texts.items;
  }

  private <T> @Nullable T take(String name, Class<T> type, String form) {
    known.add(name);
    Object value = rest.remove(name);
    if (value != null && !type.isInstance(value)) {
      throw new IllegalArgumentException(name + " is " + form);
    }
    return type.cast(value);
  }

  /// Refuses every field that was not taken.
  public void end() {
    if (!rest.isEmpty()) {
      throw new IllegalArgumentException(
          known.isEmpty()
              ? "it says something, and there is nothing to be said here"
              : String.join(", ", known)
                  + (known.size() == 1 ? " is" : " are")
                  + " all that can be said");
    }
  }
}

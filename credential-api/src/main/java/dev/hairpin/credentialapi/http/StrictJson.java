package dev.hairpin.credentialapi.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.micronaut.http.HttpStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads the body of a call: a flat JSON object, with nothing twice and nothing behind it.
public final class StrictJson {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private StrictJson() {}

  /// The fields in their order. A value is a `String`, a `Long`, a `Boolean` or a list of strings;
  /// null is any other, which no field of ours takes.
  public static Map<String, @Nullable Object> read(byte[] json) {
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw refusal("the body is a JSON object");
      }
      var fields = new LinkedHashMap<String, @Nullable Object>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        fields.put(name, value(parser));
      }
      if (parser.nextToken() != null) {
        throw refusal("the body goes on behind its JSON object");
      }
      return fields;
    } catch (IOException _) { // its message quotes the body
      throw refusal("the body is not well-formed JSON, or has a field twice");
    }
  }

  private static @Nullable Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_STRING -> parser.getText();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? null
              : (Object) parser.getLongValue();
      case START_ARRAY -> strings(parser);
      case START_OBJECT -> {
        parser.skipChildren();
        yield null;
      }
      default -> null;
    };
  }

  /// Null where anything in the array is no string.
  private static @Nullable List<String> strings(JsonParser parser) throws IOException {
    var strings = new ArrayList<String>();
    boolean pure = true;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      pure &= parser.currentToken() == JsonToken.VALUE_STRING;
      parser.skipChildren();
      strings.add(parser.getText());
    }
    return pure ? List.copyOf(strings) : null;
  }

  private static Refusal refusal(String detail) {
    return new Refusal(HttpStatus.BAD_REQUEST, detail);
  }
}

package dev.hairpin.credentialapi.auth;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.hairpin.credentialapi.json.JsonFields;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A key as a line of JSON.
final class ApiKeyLine {
  private static final JsonFactory JSON = new JsonFactory();

  private ApiKeyLine() {}

  static String write(ApiKey key) {
    var text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("id", key.id());
      json.writeStringField("name", key.name());
      json.writeStringField("hash", key.hash());
      write(json, "scopes", key.scopes().stream().sorted().map(Scope::text).toList());
      write(json, "tenant", key.tenant());
      write(json, "origins", key.origins());
      write(json, "limits", key.wish().limits().isEmpty() ? null : key.wish().limits());
      write(json, "created", key.created());
      write(json, "expires", key.wish().expires());
      var former = key.former();
      if (former != null) {
        json.writeObjectFieldStart("former");
        json.writeStringField("hash", former.hash());
        write(json, "until", former.until());
        json.writeEndObject();
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // into memory
    }
    return text.toString();
  }

  private static void write(JsonGenerator json, String name, @Nullable Object value)
      throws IOException {
    if (value != null) {
      json.writeStringField(name, value.toString());
    }
  }

  private static void write(JsonGenerator json, String name, List<String> values)
      throws IOException {
    if (!values.isEmpty()) {
      json.writeArrayFieldStart(name);
      for (String value : values) {
        json.writeString(value);
      }
      json.writeEndArray();
    }
  }

  /// @throws IllegalArgumentException that quotes nothing of the line
  static ApiKey read(String line) {
    var fields = JsonFields.of(line.getBytes(StandardCharsets.UTF_8));
    var limits = fields.text("limits");
    var wish =
        new KeyWish(
            required(fields, "name"),
            KeyWish.scopes(fields.texts("scopes")),
            fields.text("tenant"),
            fields.texts("origins"),
            limits == null ? "" : limits,
            instant("expires", fields.text("expires")));
    var key =
        new ApiKey(
            required(fields, "id"),
            wish,
            required(fields, "hash"),
            requiredInstant(fields, "created"),
            former(fields.object("former")));
    fields.end();
    return key;
  }

  private static ApiKey.@Nullable Former former(@Nullable JsonFields fields) {
    if (fields == null) {
      return null;
    }
    var former = new ApiKey.Former(required(fields, "hash"), requiredInstant(fields, "until"));
    fields.end();
    return former;
  }

  private static String required(JsonFields fields, String name) {
    var text = fields.text(name);
    if (text == null) {
      throw new IllegalArgumentException(name + " is missing");
    }
    return text;
  }

  private static Instant requiredInstant(JsonFields fields, String name) {
    var instant = instant(name, required(fields, name));
    if (instant == null) {
      throw new IllegalArgumentException(name + " is missing");
    }
    return instant;
  }

  private static @Nullable Instant instant(String name, @Nullable String text) {
    return text == null ? null : Times.read(name, text);
  }
}

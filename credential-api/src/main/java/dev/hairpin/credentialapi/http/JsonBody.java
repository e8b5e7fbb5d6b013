package dev.hairpin.credentialapi.http;

import dev.hairpin.credentialapi.json.JsonFields;
import io.micronaut.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/// Reads the body of a call strictly: what is not understood is refused.
public final class JsonBody {
  private static final byte[] NOTHING = "{}".getBytes(StandardCharsets.UTF_8);

  private JsonBody() {}

  /// Reads an object, all of whose fields have to be taken. An empty body is one without fields.
  public static <T> T read(HttpRequest<byte[]> request, Function<JsonFields, T> reader) {
    return read(request.getBody().orElse(NOTHING), reader);
  }

  /// Reads an object, all of whose fields have to be taken.
  public static <T> T read(byte[] json, Function<JsonFields, T> reader) {
    try {
      var fields = JsonFields.of(json);
      T read = reader.apply(fields);
      fields.end();
      return read;
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      throw Refusal.badRequest(
          message.startsWith("it ") ? "the body " + message.substring(3) : message);
    }
  }
}

package dev.hairpin.credentialapi.http;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The body of a call, all of whose fields are known. What is not of a field's type is refused.
public final class StrictBody {
  private final Map<String, @Nullable Object> fields;

  private StrictBody(Map<String, @Nullable Object> fields) {
    this.fields = fields;
  }

  /// Takes the body of a call; one that is empty has no fields.
  ///
  /// @param names of all fields that there can be
  public static StrictBody of(HttpRequest<byte[]> request, List<String> names) {
    var json = request.getBody().orElse(new byte[0]);
    var fields = json.length == 0 ? Map.<String, @Nullable Object>of() : StrictJson.read(json);
    if (!names.containsAll(fields.keySet())) {
      throw refusal(
          names.isEmpty()
              ? "there is nothing to be told in a body here"
              : String.join(", ", names) + " are all that can be told");
    }
    return new StrictBody(fields);
  }

  /// Null where the field is left out.
  public @Nullable String text(String name) {
    return typed(name, String.class, "a string");
  }

  /// Null where the field is left out.
  public @Nullable Boolean truth(String name) {
    return typed(name, Boolean.class, "true or false");
  }

  /// Null where the field is left out.
  public @Nullable Long number(String name) {
    return typed(name, Long.class, "a whole number");
  }

  /// Empty where the field is left out.
  public List<String> texts(String name) {
    List<?> items = typed(name, List.class, "an array of strings");
    return items == null ? List.of() : items.stream().map(Object::toString).toList();
  }

  private <T> @Nullable T typed(String name, Class<T> type, String words) {
    if (!fields.containsKey(name)) {
      return null;
    }
    var value = fields.get(name);
    if (!type.isInstance(value)) {
      throw refusal(name + " is " + words);
    }
    return type.cast(value);
  }

  private static Refusal refusal(String detail) {
    return new Refusal(HttpStatus.BAD_REQUEST, detail);
  }
}

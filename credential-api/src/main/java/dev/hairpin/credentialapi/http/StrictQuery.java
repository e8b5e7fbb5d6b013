package dev.hairpin.credentialapi.http;

import io.micronaut.http.HttpParameters;
import io.micronaut.http.HttpRequest;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The query of a call. What it is not to have is refused, and so is what it has twice: a slip of
/// the pen never asks for more than was meant.
public final class StrictQuery {
  private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");

  private final HttpParameters parameters;

  private StrictQuery(HttpParameters parameters) {
    this.parameters = parameters;
  }

  /// Takes the query of a call.
  ///
  /// @param names of all that may be asked for
  public static StrictQuery of(HttpRequest<?> request, List<String> names) {
    for (String name : request.getParameters().names()) {
      if (!names.contains(name)) {
        throw Refusal.badRequest(
            names.isEmpty()
                ? "there are no parameters here"
                : String.join(", ", names) + " are all that can be asked for");
      }
      if (request.getParameters().getAll(name).size() != 1) {
        throw Refusal.badRequest(name + " stands more than once");
      }
    }
    return new StrictQuery(request.getParameters());
  }

  /// Null where it was not asked for.
  public @Nullable String text(String name) {
    return parameters.get(name);
  }

  /// A whole number, or the default where it was not asked for.
  public int number(String name, int standard, int max) {
    String text = parameters.get(name);
    if (text == null) {
      return standard;
    }
    if (!NUMBER.matcher(text).matches() || Integer.parseInt(text) > max) {
      throw Refusal.badRequest(name + " is a whole number, 1 to " + max);
    }
    return Integer.parseInt(text);
  }

  /// One of some words, or null where it was not asked for.
  public @Nullable String word(String name, List<String> words) {
    String text = parameters.get(name);
    if (text != null && !words.contains(text)) {
      throw Refusal.badRequest(name + " is one of " + String.join(", ", words));
    }
    return text;
  }
}

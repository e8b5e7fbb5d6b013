package dev.hairpin.deploy.config;

import java.util.List;
import java.util.stream.Collectors;

/// The declaration of one key: all that its reader, its documentation and the sample file need.
///
/// @param path names from the top, joined by dots: `relay.ports`
/// @param defaults what is in force where nobody wrote the key; empty where that is nothing, or is
///   found out at the start
/// @param fallback in words, what is in force where `defaults` is empty
/// @param examples what the sample file shows where `defaults` is empty
/// @param help one sentence
public record Key<T>(
    String path,
    Format<T> format,
    Count count,
    List<T> defaults,
    String fallback,
    List<T> examples,
    String help) {
  /// How many values a key takes. A list of one entry may be written as a plain value.
  public enum Count {
    ONE,
    ONE_OR_MORE,
    ANY
  }

  public Key {
    defaults = List.copyOf(defaults);
    examples = List.copyOf(examples);
  }

  public static <T> Key<T> one(String path, Format<T> format, String help) {
    return new Key<>(path, format, Count.ONE, List.of(), "none", List.of(), help);
  }

  /// A list with at least one entry.
  public static <T> Key<T> some(String path, Format<T> format, String help) {
    return new Key<>(path, format, Count.ONE_OR_MORE, List.of(), "none", List.of(), help);
  }

  /// A list that may be empty.
  public static <T> Key<T> list(String path, Format<T> format, String help) {
    return new Key<>(path, format, Count.ANY, List.of(), "none", List.of(), help);
  }

  public Key<T> orElse(T standard) {
    return orElseAll(List.of(standard));
  }

  public Key<T> orElseAll(List<T> standard) {
    return new Key<>(path, format, count, standard, fallback, examples, help);
  }

  /// Says in words what is found out at the start where nobody wrote the key.
  public Key<T> orElseFound(String words) {
    return new Key<>(path, format, count, defaults, words, examples, help);
  }

  public Key<T> example(List<T> values) {
    return new Key<>(path, format, count, defaults, fallback, values, help);
  }

  public boolean takesList() {
    return count != Count.ONE;
  }

  /// The last name of the path.
  public String name() {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  /// The form of its values as documentation names it.
  public String formText() {
    return takesList() ? format.name() + ", or a list of them" : format.name();
  }

  /// The default as documentation shows it.
  public String defaultText() {
    return defaults.isEmpty()
        ? fallback
        : texts(defaults).stream().map(t -> "`" + t + "`").collect(Collectors.joining(", "));
  }

  /// What a sample shows.
  List<T> shown() {
    return defaults.isEmpty() ? examples : defaults;
  }

  List<String> texts(List<T> values) {
    return values.stream().map(format.writer()).toList();
  }
}

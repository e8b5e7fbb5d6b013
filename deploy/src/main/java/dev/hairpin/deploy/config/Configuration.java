package dev.hairpin.deploy.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// The values of all keys, each with its origin. Immutable; the later layer wins: defaults, the
/// file, the command line.
public final class Configuration {
  private final KeySet keys;
  private final Map<String, Setting<?>> settings;

  private Configuration(KeySet keys, Map<String, Setting<?>> settings) {
    this.keys = keys;
    this.settings = Map.copyOf(settings);
  }

  private record Setting<T>(List<T> values, Origin origin) {}

  /// Nothing but defaults.
  public static Configuration of(KeySet keys) {
    return new Configuration(keys, Map.of());
  }

  /// Reads a file; every value is checked at once.
  ///
  /// @throws ConfigException for the first thing that is wrong
  public static Configuration read(Path file, KeySet keys) {
    var configuration = of(keys);
    for (var entry : YamlFile.read(file, keys)) {
      configuration = configuration.with(entry.key(), entry.texts(), entry.origin());
    }
    return configuration;
  }

  /// Overrides a key by what was written on the command line.
  ///
  /// @throws ConfigException that names the flag
  public <T> Configuration withFlag(Key<T> key, String flag, List<String> texts) {
    var origin = new Origin.Flag(flag);
    return with(key, texts.stream().map(t -> new YamlFile.Text(t, origin)).toList(), origin);
  }

  /// Fills in what was found on this machine.
  public <T> Configuration withFound(Key<T> key, List<T> values) {
    return with(key, new Setting<>(List.copyOf(values), Origin.Unwritten.FOUND));
  }

  private <T> Configuration with(Key<T> key, List<YamlFile.Text> texts, Origin origin) {
    if (texts.isEmpty() && key.count() == Key.Count.ONE_OR_MORE) {
      throw ConfigException.at(origin, key.path(), "the list is empty", "write an entry");
    }
    var values = new ArrayList<T>();
    for (var text : texts) {
      T value = located(key.format().read(text.text(), text.origin(), key.path()), text.origin());
      if (values.contains(value)) {
        throw ConfigException.at(
            text.origin(), key.path(), text.text() + " is listed twice", "remove one of the two");
      }
      values.add(value);
    }
    return with(key, new Setting<>(List.copyOf(values), origin));
  }

  private <T> Configuration with(Key<T> key, Setting<T> setting) {
    var changed = new HashMap<>(settings);
    changed.put(key.path(), setting);
    return new Configuration(keys, changed);
  }

  /// With what another one says of a key, which may be nothing.
  public Configuration taking(Configuration other, Key<?> key) {
    var changed = new HashMap<>(settings);
    changed.remove(key.path());
    Optional.ofNullable(other.settings.get(key.path())).ifPresent(s -> changed.put(key.path(), s));
    return new Configuration(keys, changed);
  }

  public KeySet keys() {
    return keys;
  }

  /// Whether the file, the command line or this machine gave it a value.
  public boolean isSet(Key<?> key) {
    return settings.containsKey(key.path());
  }

  /// Whether the file or the command line gave it a value.
  public boolean isWritten(Key<?> key) {
    return !(origin(key) instanceof Origin.Unwritten);
  }

  /// Of keys that do not go together, the one to blame.
  public Key<?> firstWritten(Key<?>... keysInOrder) {
    for (var key : keysInOrder) {
      if (isWritten(key)) {
        return key;
      }
    }
    return keysInOrder[0];
  }

  /// The values in force, defaults included.
  public <T> List<T> all(Key<T> key) {
    return setting(key).values();
  }

  public <T> Optional<T> find(Key<T> key) {
    return all(key).stream().findFirst();
  }

  /// The value of a key that always has one.
  public <T> T one(Key<T> key) {
    return find(key).orElseThrow(() -> new IllegalStateException(key.path() + " has no value"));
  }

  public Origin origin(Key<?> key) {
    return setting(key).origin();
  }

  public ConfigException wrong(Key<?> key, String what, String remedy) {
    return ConfigException.at(origin(key), key.path(), what, remedy);
  }

  /// Makes something out of values; where they do not go together, the key is to blame.
  public <R> R blaming(Key<?> key, String remedy, Supplier<R> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      throw wrong(key, String.valueOf(e.getMessage()), remedy);
    }
  }

  @SuppressWarnings("unchecked") // with(Key<T>, Setting<T>) alone writes the map
  private <T> Setting<T> setting(Key<T> key) {
    var setting = (Setting<T>) settings.get(key.path());
    return setting == null ? new Setting<>(key.defaults(), Origin.Unwritten.DEFAULT) : setting;
  }

  /// A relative path counts from the file that it is written in.
  @SuppressWarnings("unchecked")
  private static <T> T located(T value, Origin origin) {
    if (!(value instanceof Path path)) {
      return value;
    }
    var absolute =
        origin instanceof Origin.Line line
            ? line.file().toAbsolutePath().resolveSibling(path)
            : path.toAbsolutePath();
    return (T) absolute.normalize();
  }
}

package dev.hairpin.deploy.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Every key that a configuration file may hold, in the order of the documentation.
public final class KeySet {
  private final Map<String, Key<?>> byPath = new LinkedHashMap<>();

  /// Joins lists of declarations; a path is declared once.
  @SafeVarargs
  public KeySet(List<Key<?>>... groups) {
    for (var group : groups) {
      for (var key : group) {
        if (byPath.put(key.path(), key) != null) {
          throw new IllegalArgumentException(key.path() + " is declared twice");
        }
      }
    }
  }

  public List<Key<?>> all() {
    return List.copyOf(byPath.values());
  }

  @Nullable Key<?> find(String path) {
    return byPath.get(path);
  }

  /// Whether keys begin with this path and a dot.
  boolean isSection(String path) {
    return byPath.keySet().stream().anyMatch(p -> p.startsWith(path + "."));
  }

  /// The path that an unknown one was most likely meant to be, or null.
  @Nullable String nearest(String unknown) {
    String leaf = unknown.substring(unknown.lastIndexOf('.') + 1);
    String best = null;
    int bestDistance = 1 + Math.min(2, leaf.length() / 3);
    for (String known : pathsAndSections()) {
      int distance =
          Math.min(
              distance(unknown, known),
              distance(leaf, known.substring(known.lastIndexOf('.') + 1)));
      if (distance < bestDistance) {
        best = known;
        bestDistance = distance;
      }
    }
    return best;
  }

  private List<String> pathsAndSections() {
    var paths = new ArrayList<>(byPath.keySet());
    for (String path : byPath.keySet()) {
      for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
        if (!paths.contains(path.substring(0, dot))) {
          paths.add(path.substring(0, dot));
        }
      }
    }
    return paths;
  }

  /// Levenshtein's distance, after `_` and capitals are forgiven.
  private static int distance(String written, String known) {
    String a = written.replace('_', '-').toLowerCase(Locale.ROOT);
    int[] row = new int[known.length() + 1];
    for (int j = 0; j <= known.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= known.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == known.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[known.length()];
  }
}

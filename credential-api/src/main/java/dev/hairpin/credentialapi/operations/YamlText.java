package dev.hairpin.credentialapi.operations;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.micronaut.json.tree.JsonNode;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// JSON as YAML that people like to read. Strings that are not plain words are quoted as in JSON,
/// which YAML 1.2 reads the same.
final class YamlText {
  private static final Pattern PLAIN =
      Pattern.compile("[A-Za-z/]([A-Za-z0-9 ._/{}()';-]*[A-Za-z0-9.}])?");
  private static final Set<String> WORDS =
      Set.of("true", "false", "null", "yes", "no", "on", "off", "y", "n");

  private final StringBuilder text = new StringBuilder();

  private YamlText() {}

  static String of(JsonNode document) {
    var yaml = new YamlText();
    yaml.value(document, 0);
    return yaml.text.substring(1) + "\n";
  }

  private void value(JsonNode node, int depth) {
    if (node.isArray() && node.size() > 0) {
      for (var item : node.values()) {
        line(depth).append('-');
        value(item, depth + 1);
      }
    } else if (node.isObject() && node.size() > 0) {
      for (var entry : node.entries()) {
        line(depth).append(string(entry.getKey())).append(':');
        value(entry.getValue(), depth + 1);
      }
    } else {
      text.append(' ').append(scalar(node));
    }
  }

  private static String scalar(JsonNode node) {
    if (node.isString()) {
      return string(node.getStringValue());
    }
    return node.isArray() ? "[]" : node.isObject() ? "{}" : node.coerceStringValue();
  }

  private StringBuilder line(int depth) {
    return text.append('\n').repeat("  ", depth);
  }

  private static String string(String value) {
    return PLAIN.matcher(value).matches() && !WORDS.contains(value.toLowerCase(Locale.ROOT))
        ? value
        : "\"" + new String(JsonStringEncoder.getInstance().quoteAsString(value)) + "\"";
  }
}

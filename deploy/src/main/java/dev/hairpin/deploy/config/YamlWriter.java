package dev.hairpin.deploy.config;

import java.util.List;
import java.util.Map;

/// Writes configuration as YAML that reads back to the same values.
public final class YamlWriter {
  private static final int WIDTH = 90;

  private final StringBuilder out = new StringBuilder();
  private String opened = ""; // the sections that the last key stands in, with a dot at the end

  private YamlWriter() {}

  /// Every key with its help, commented out, with its default or an example. Removing the `#` at
  /// the start of a key's lines puts it in force.
  public static String documented(KeySet keys) {
    var writer = new YamlWriter();
    for (var key : keys.all()) {
      writer.document(key);
    }
    return writer.out.toString();
  }

  /// Every key with the value in force and where it comes from.
  ///
  /// @param notes what else is said of a key, by its path
  public static String effective(Configuration configuration, Map<String, String> notes) {
    var writer = new YamlWriter();
    for (var key : configuration.keys().all()) {
      writer.showEffective(configuration, key, notes.getOrDefault(key.path(), ""));
    }
    return writer.out.toString();
  }

  private <T> void document(Key<T> key) {
    out.append(out.isEmpty() ? "" : "\n");
    String indent = openSections(key.path(), "#");
    String lead = indent.isEmpty() ? "#" : "#" + indent + "#";
    wrap(key.help(), lead);
    wrap("Form: " + key.formText() + ". Default: " + key.defaultText() + ".", lead);
    write(key, key.texts(key.shown()), "#" + indent, "");
  }

  private <T> void showEffective(Configuration configuration, Key<T> key, String note) {
    var values = configuration.all(key);
    String origin = "  # " + configuration.origin(key) + (note.isEmpty() ? "" : "; " + note);
    if (values.isEmpty() && !key.takesList()) {
      out.append("# ").append(key.path()).append(": none\n");
    } else {
      write(key, key.texts(values), openSections(key.path(), ""), origin);
    }
  }

  private void write(Key<?> key, List<String> texts, String lead, String note) {
    out.append(lead).append(key.name()).append(':');
    if (!key.takesList()) {
      out.append(' ').append(quoted(texts.getFirst())).append(note).append('\n');
    } else if (texts.isEmpty()) {
      out.append(" []").append(note).append('\n');
    } else {
      out.append(note).append('\n');
      for (String text : texts) {
        out.append(lead).append("  - ").append(quoted(text)).append('\n');
      }
    }
  }

  /// Writes the names of sections that are not open yet and gives the indentation inside.
  private String openSections(String path, String lead) {
    String indent = "";
    int end = path.indexOf('.');
    for (int start = 0; end >= 0; end = path.indexOf('.', start)) {
      if (!opened.startsWith(path.substring(0, end + 1))) {
        out.append(lead).append(indent).append(path, start, end).append(":\n");
      }
      indent += "  ";
      start = end + 1;
    }
    opened = path.substring(0, path.lastIndexOf('.') + 1);
    return indent;
  }

  private void wrap(String text, String lead) {
    var line = new StringBuilder(lead);
    for (String word : text.replace("`", "").split(" ", -1)) {
      if (line.length() + 1 + word.length() > WIDTH) {
        out.append(line).append('\n');
        line = new StringBuilder(lead);
      }
      line.append(' ').append(word);
    }
    out.append(line).append('\n');
  }

  private static String quoted(String text) {
    boolean plain = text.matches("[A-Za-z0-9/]([A-Za-z0-9/_.:@\\[\\]-]*[A-Za-z0-9/_.\\]-])?");
    boolean nothing = text.equals("null");
    return plain && !nothing ? text : "'" + text.replace("'", "''") + "'";
  }
}

package dev.hairpin.deploy.config;

import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/// Reads a small, strict part of YAML: sections, plain values and lists of them, each with its
/// line. Every value stays the text that was written, so that `no` is no boolean and `0123` no
/// octal number. Anchors, aliases, tags and second documents are refused.
final class YamlFile {
  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_DEPTH = 32;

  private final Path file;
  private final KeySet keys;
  private final List<Entry> entries = new ArrayList<>();

  private YamlFile(Path file, KeySet keys) {
    this.file = file;
    this.keys = keys;
  }

  record Text(String text, Origin origin) {}

  /// A key of the file with its texts.
  record Entry(Key<?> key, Origin origin, List<Text> texts) {}

  /// Every entry of the file, in its order.
  ///
  /// @throws ConfigException where the file cannot be read, is not YAML or holds an unknown key
  static List<Entry> read(Path file, KeySet keys) {
    var reader = new YamlFile(file, keys);
    Node root = reader.compose(reader.load());
    if (root instanceof ScalarNode scalar && isNothing(scalar)) {
      return List.of();
    }
    if (root instanceof MappingNode mapping) {
      reader.walk(mapping, "");
    } else if (root != null) {
      throw reader.wrong(root, "the file is not a list of keys", "write key: value on each line");
    }
    return List.copyOf(reader.entries);
  }

  private String load() {
    try (var in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new ConfigException(file + ": is larger than 1 MB; shorten it");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new ConfigException(file + ": is not UTF-8; save it as UTF-8 text");
    } catch (IOException e) {
      throw new ConfigException(
          file + ": " + FileProblem.of(e) + "; name a configuration file that can be read");
    }
  }

  private @Nullable Node compose(String text) {
    var options = new LoaderOptions();
    options.setNestingDepthLimit(MAX_DEPTH);
    options.setCodePointLimit(MAX_BYTES);
    var dumper = new DumperOptions();
    var yaml =
        new Yaml(
            new SafeConstructor(options),
            new Representer(dumper),
            dumper,
            options,
            new TextResolver());
    try {
      return yaml.compose(new StringReader(text));
    } catch (MarkedYAMLException e) {
      var mark = e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
      int line = mark == null ? 1 : mark.getLine() + 1;
      throw new ConfigException(
          new Origin.Line(file, line)
              + ": not YAML: "
              + e.getProblem()
              + "; check indentation, quotes and colons");
    } catch (YAMLException | NumberFormatException e) { // the latter for broken escapes
      throw new ConfigException(file + ": not YAML: " + e.getMessage() + "; correct the file");
    }
  }

  private void walk(MappingNode section, String prefix) {
    refuseExtras(section, Tag.MAP);
    Set<String> seen = new HashSet<>();
    for (var tuple : section.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode name)) {
        throw wrong(tuple.getKeyNode(), "a key is a plain word", "write key: value");
      }
      refuseExtras(name, Tag.STR);
      String path = prefix + name.getValue();
      if (!seen.add(path)) {
        throw wrong(name, path + ": is written twice", "remove one of the two");
      }
      enter(path, name, tuple.getValueNode());
    }
  }

  private void enter(String path, Node name, Node value) {
    Key<?> key = keys.find(path);
    boolean isSection = keys.isSection(path);
    if (key == null && !isSection) {
      String nearest = keys.nearest(path);
      throw wrong(
          name,
          path + ": unknown key",
          nearest == null
              ? "remove it; docs/configuration.md lists every key"
              : "did you mean " + nearest + "?");
    }
    if (isSection && value instanceof MappingNode mapping) {
      walk(mapping, path + ".");
    } else if (key == null) {
      throw wrong(name, path + ": is a section", "write its keys on the lines below it, indented");
    } else {
      entries.add(new Entry(key, origin(name), texts(path, key, value)));
    }
  }

  private List<Text> texts(String path, Key<?> key, Node value) {
    return switch (value) {
      case ScalarNode scalar -> List.of(text(path, scalar));
      case SequenceNode sequence when key.takesList() -> {
        refuseExtras(sequence, Tag.SEQ);
        yield sequence.getValue().stream().map(item -> text(path, item)).toList();
      }
      case SequenceNode _ ->
          throw wrong(value, path + ": takes one value, not a list", "write one value");
      default -> throw wrong(value, path + ": takes a value, not a section", "write one value");
    };
  }

  private Text text(String path, Node node) {
    if (!(node instanceof ScalarNode scalar)) {
      throw wrong(node, path + ": an entry is not a plain value", "write one value a line");
    }
    refuseExtras(scalar, Tag.STR);
    if (isNothing(scalar)) {
      throw wrong(node, path + ": has no value", "write one, or remove the line");
    }
    if (scalar.getValue().codePoints().anyMatch(YamlFile::breaksLines)) {
      throw wrong(
          node, path + ": has a line break or a control character", "write one line of text");
    }
    return new Text(scalar.getValue(), origin(node));
  }

  private static boolean breaksLines(int codePoint) {
    return Character.isISOControl(codePoint) || codePoint == 0x2028 || codePoint == 0x2029;
  }

  private void refuseExtras(Node node, Tag expected) {
    if (node.getAnchor() != null) {
      throw wrong(node, "anchors (&) and aliases (*) are not read", "write the value out");
    }
    if (!node.getTag().equals(expected)) {
      throw wrong(node, "tags (!) are not read", "write the plain value");
    }
  }

  private static boolean isNothing(ScalarNode scalar) {
    return scalar.isPlain()
        && (scalar.getValue().isEmpty()
            || scalar.getValue().equals("~")
            || scalar.getValue().equals("null"));
  }

  private Origin origin(Node node) {
    return new Origin.Line(file, node.getStartMark().getLine() + 1);
  }

  private ConfigException wrong(Node node, String what, String remedy) {
    return new ConfigException(origin(node) + ": " + what + "; " + remedy);
  }

  /// Takes every untagged scalar for text.
  private static final class TextResolver extends Resolver {
    @Override
    protected void addImplicitResolvers() {}
  }
}

package dev.hairpin.deploy.supply;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Compares a CycloneDX bill of materials with the library that it is shipped with.
final class BillOfMaterials {
  private static final Predicate<String> OWN =
      Pattern.compile("(deploy|credential-api|turn-bench|turn-server)-.*").asMatchPredicate();

  private BillOfMaterials() {}

  /// Whether a jar is the program's own.
  static boolean isOwn(String jar) {
    return OWN.test(jar);
  }

  /// What either says and the other does not: jars with their SHA-256. A bill may be of an earlier
  /// build: of the program's own jars, those that it names have to be there.
  static Set<String> differences(Path bill, Map<String, String> library) throws IOException {
    var shipped = lines(library);
    var differences = lines(components(bill));
    for (String line : shipped) {
      if (!differences.remove(line) && !isOwn(line)) {
        differences.add(line);
      }
    }
    return differences;
  }

  private static Set<String> lines(Map<String, String> jars) {
    var lines = new TreeSet<String>();
    jars.forEach((jar, sum) -> lines.add(isOwn(jar) ? jar : jar + " " + sum));
    return lines;
  }

  /// Names and SHA-256 of the components.
  private static Map<String, String> components(Path file) throws IOException {
    var components = new TreeMap<String, String>();
    try (var json = new JsonFactory().createParser(file.toFile())) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean isList = json.currentName().equals("components");
        json.nextToken();
        if (isList) {
          while (json.nextToken() == JsonToken.START_OBJECT) {
            component(json, components);
          }
        } else {
          json.skipChildren();
        }
      }
    }
    return components;
  }

  private static void component(JsonParser json, Map<String, String> components)
      throws IOException {
    String jar = "";
    String sum = "";
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      json.nextToken();
      switch (field) {
        case "purl" -> jar = jar(json.getText());
        case "hashes" -> {
          while (json.nextToken() == JsonToken.START_OBJECT) {
            sum = sha256(json, sum);
          }
        }
        default -> json.skipChildren();
      }
    }
    components.put(jar, sum);
  }

  private static String sha256(JsonParser json, String otherwise) throws IOException {
    String algorithm = "";
    String content = "";
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      boolean isName = json.currentName().equals("alg");
      json.nextToken();
      algorithm = isName ? json.getText() : algorithm;
      content = isName ? content : json.getText();
    }
    return algorithm.equals("SHA-256") ? content : otherwise;
  }

  /// `pkg:maven/group/name@version?classifier=c&type=jar`
  private static String jar(String packageUrl) {
    var parts = packageUrl.split("[/@?]", -1);
    String classifier = "";
    for (String qualifier : parts[4].split("&", -1)) {
      if (qualifier.startsWith("classifier=")) {
        classifier = "-" + qualifier.substring("classifier=".length());
      }
    }
    return parts[2] + "-" + parts[3] + classifier + ".jar";
  }
}

package dev.hairpin.deploy.supply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What was packed is what is wanted. Run by `mvn verify`, when there is a distribution.
class DistributionCheck {
  private static final Path CHECKSUMS = Path.of("dev", "checksums.sha256");
  private static final Predicate<String> OWN =
      Pattern.compile("(deploy|credential-api|turn-bench|turn-server)-.*").asMatchPredicate();
  private static final String WRITE = "checksums.write";

  /// The plugin that writes it does so online alone. The program's own jars are compared by name: a
  /// bill may be of an earlier build.
  @Test
  void theBillOfMaterialsIsTheLibrary() throws Exception {
    var file = distribution().resolve("sbom.cdx.json");
    assumeTrue(Files.exists(file), "built offline");
    var library = library();
    var bill = bill(file);
    assertTrue(library.keySet().removeIf(jar -> jar.startsWith("deploy-"))); // what it is about
    bill.keySet().stream().filter(OWN).forEach(jar -> assertTrue(library.containsKey(jar), jar));
    library.keySet().removeIf(OWN);
    bill.keySet().removeIf(OWN);
    assertEquals(library, bill);
  }

  /// `-Dchecksums.write=true` takes the libraries as they are.
  @Test
  void everyLibraryOfOthersHasTheChecksumThatWasReviewed() throws Exception {
    var library = library();
    library.keySet().removeIf(OWN);
    var lines =
        library.entrySet().stream()
            .map(jar -> jar.getValue() + "  " + jar.getKey() + "\n")
            .collect(Collectors.joining());
    if (Boolean.getBoolean(WRITE)) {
      Files.writeString(CHECKSUMS, lines);
    }
    assertEquals(Files.readString(CHECKSUMS), lines);
  }

  private static Path distribution() throws IOException {
    try (var folders = Files.newDirectoryStream(Path.of("target"), "hairpin-*")) {
      for (var folder : folders) {
        if (Files.isDirectory(folder)) {
          return folder;
        }
      }
    }
    throw new AssertionError("no distribution: run mvn verify");
  }

  /// Names and SHA-256 of the jars.
  private static Map<String, String> library() throws IOException, GeneralSecurityException {
    var jars = new TreeMap<String, String>();
    var digest = MessageDigest.getInstance("SHA-256");
    try (var files = Files.newDirectoryStream(distribution().resolve("lib"))) {
      for (var file : files) {
        String sum = HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
        jars.put(String.valueOf(file.getFileName()), sum);
      }
    }
    return jars;
  }

  /// Names and SHA-256 of the components.
  private static Map<String, String> bill(Path file) throws IOException {
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

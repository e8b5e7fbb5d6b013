package dev.hairpin.deploy.supply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What was packed is what is wanted. Run by `mvn verify`, when there is a distribution.
class DistributionCheck {
  private static final Path CHECKSUMS = Path.of("dev", "checksums.sha256");
  private static final String WRITE = "checksums.write";

  /// The plugin that writes it does so online alone.
  @Test
  void theBillOfMaterialsIsTheLibrary() throws Exception {
    var file = distribution().resolve("sbom.cdx.json");
    assumeTrue(Files.exists(file), "built offline");
    assertEquals(Set.of(), BillOfMaterials.differences(file, library()));
  }

  /// `-Dchecksums.write=true` takes the libraries as they are.
  @Test
  void everyLibraryOfOthersHasTheChecksumThatWasReviewed() throws Exception {
    var library = library();
    library.keySet().removeIf(BillOfMaterials::isOwn);
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
    try (var files = Files.walk(distribution().resolve("lib"))) {
      for (var file : files.filter(path -> path.toString().endsWith(".jar")).toList()) {
        String sum = HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
        jars.put(String.valueOf(file.getFileName()), sum);
      }
    }
    return jars;
  }
}

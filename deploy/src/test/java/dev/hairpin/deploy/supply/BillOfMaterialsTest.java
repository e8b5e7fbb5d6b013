package dev.hairpin.deploy.supply;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `DistributionCheck` makes of a bill of materials. The bill of a distribution is written by
/// builds that are online alone.
class BillOfMaterialsTest {
  private static final String BILL =
      """
      {"bomFormat": "CycloneDX", "specVersion": "1.6",
       "metadata": {"component": {"purl": "pkg:maven/dev.hairpin/deploy@9?type=jar"}},
       "components": [
        {"group": "dev.hairpin", "name": "turn-server",
         "hashes": [{"alg": "SHA-256", "content": "of an earlier build"}],
         "purl": "pkg:maven/dev.hairpin/turn-server@9?type=jar"},
        {"group": "org.example", "name": "plain", "licenses": [{"license": {"id": "MIT"}}],
         "hashes": [{"alg": "MD5", "content": "m"}, {"alg": "SHA-256", "content": "s1"}],
         "purl": "pkg:maven/org.example/plain@1.0?type=jar"},
        {"group": "org.example", "name": "native",
         "hashes": [{"alg": "SHA-256", "content": "s2"}, {"alg": "SHA-512", "content": "l"}],
         "purl": "pkg:maven/org.example/native@2.0?classifier=linux-x86_64&type=jar"}],
       "dependencies": []}
      """;

  private static final Map<String, String> LIBRARY =
      Map.of(
          "deploy-9.jar", "d",
          "turn-server-9.jar", "t",
          "plain-1.0.jar", "s1",
          "native-2.0-linux-x86_64.jar", "s2");

  @TempDir private Path folder = Path.of("");

  @Test
  void theLibraryThatItNamesIsEqualToIt() throws IOException {
    assertEquals(Set.of(), differences("", ""));
  }

  @Test
  void anotherOrMissingOrFurtherJarIsTold() throws IOException {
    assertEquals(Set.of("plain-1.0.jar s1", "plain-1.0.jar x"), differences("plain-1.0.jar", "x"));
    assertEquals(Set.of("plain-1.0.jar s1"), differences("plain-1.0.jar", ""));
    assertEquals(Set.of("turn-server-9.jar"), differences("turn-server-9.jar", ""));
    assertEquals(Set.of("plain-1.1.jar s1"), differences("plain-1.1.jar", "s1"));
    assertEquals(Set.of(), differences("turn-bench-9.jar", "of a later build"));
  }

  /// Of a library where one jar has this checksum, or is not there.
  private Set<String> differences(String jar, String sum) throws IOException {
    var library = new TreeMap<>(LIBRARY);
    library.remove(jar);
    if (!sum.isEmpty()) {
      library.put(jar, sum);
    }
    return BillOfMaterials.differences(
        Files.writeString(folder.resolve("sbom.cdx.json"), BILL), library);
  }
}

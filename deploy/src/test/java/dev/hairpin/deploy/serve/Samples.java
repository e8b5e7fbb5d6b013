package dev.hairpin.deploy.serve;

import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.config.Key;
import dev.hairpin.deploy.config.LocalAddresses;
import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.IpAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Configurations for tests.
final class Samples {
  /// A machine with one address of each family.
  static final LocalAddresses LOCAL =
      family -> Optional.of(IpAddress.parse(family == Family.IPV4 ? "192.0.2.7" : "2001:db8::7"));

  private Samples() {}

  /// What options give, in a data directory of its own.
  static Configuration with(Path dataDirectory, Object... keysAndTexts) {
    var given = Configuration.of(HairpinKeys.ALL);
    for (int i = 0; i < keysAndTexts.length; i += 2) {
      var key = (Key<?>) keysAndTexts[i];
      var texts = List.of(String.valueOf(keysAndTexts[i + 1]).split(" ", -1));
      given = given.withFlag(key, "--" + key.path(), texts);
    }
    return Plan.fill(given, LOCAL, dataDirectory);
  }
}

package dev.hairpin.deploy.serve;

import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.config.Key;
import dev.hairpin.deploy.config.SecretFile;
import dev.hairpin.deploy.config.SecretFile.Fault;
import dev.hairpin.deploy.config.TurnKeys;
import java.nio.file.Path;
import java.util.List;

/// Reads the files of secrets that a configuration names, and judges whether they are safe.
///
/// @param makesFiles whether those are made that nobody named and that are not there yet
/// @param warnings gets what is unsafe and accepted
record SecretReader(Configuration configuration, boolean makesFiles, List<String> warnings) {
  /// The lines of a file; none where the key has no value.
  List<String> read(Key<Path> key) {
    if (configuration.find(key).isEmpty()) {
      return List.of();
    }
    if (makesFiles) {
      DataDirectory.ensure(configuration, key);
    }
    return read(configuration, key);
  }

  /// The lines of a file that another one names.
  List<String> read(Configuration by, Key<Path> key) {
    var file = SecretFile.read(by, key);
    judge(by, key, file.faults());
    return file.lines();
  }

  /// Refuses what is unsafe, or only warns of it where the operator has accepted it, or serves this
  /// machine alone.
  void judge(Key<?> key, List<Fault> faults) {
    judge(configuration, key, faults);
  }

  private void judge(Configuration by, Key<?> key, List<Fault> faults) {
    for (var fault : faults) {
      boolean accepted = configuration.all(HairpinKeys.UNSAFE).contains(fault.kind());
      if (!accepted && !isLocal()) {
        throw by.wrong(
            key,
            fault.what(),
            fault.remedy() + " (or accept the danger by unsafe: " + fault.kind().text() + ")");
      }
      warnings.add(fault.what() + "; " + fault.remedy());
    }
  }

  /// Whether every listener of this process is for this machine alone.
  private boolean isLocal() {
    var roles = configuration.all(HairpinKeys.ROLES);
    boolean turn =
        configuration.all(TurnKeys.LISTEN).stream().allMatch(l -> l.address().ip().isLoopback());
    boolean api = HttpForms.addressOf(configuration.one(HairpinKeys.API_LISTEN)).ip().isLoopback();
    return (turn || !roles.contains(Role.TURN)) && (api || !roles.contains(Role.API));
  }
}

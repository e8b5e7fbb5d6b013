package dev.hairpin.deploy.config;

/// What is refused unless the operator accepts it by name, or nobody beyond this machine is served.
public enum Unsafe {
  /// Secrets that can be guessed.
  WEAK_SECRETS,

  /// Files of secrets that other users of the machine can read or write.
  OPEN_SECRET_FILES;

  /// As it is written in the file.
  public String text() {
    return Format.choiceName(this);
  }
}

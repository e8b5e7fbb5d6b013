package dev.hairpin.deploy.config;

/// The configuration cannot be used. The message says where, what is wrong and what to do; it is
/// meant for the operator as it stands.
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String message;

  public ConfigException(String message) {
    super(message);
    this.message = message;
  }

  /// `FILE:LINE: key: what is wrong; what to do`.
  public static ConfigException at(Origin origin, String key, String wrong, String remedy) {
    return new ConfigException(origin.blame(key) + ": " + wrong + "; " + remedy);
  }

  @Override
  public String getMessage() {
    return message;
  }
}

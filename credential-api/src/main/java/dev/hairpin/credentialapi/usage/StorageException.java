package dev.hairpin.credentialapi.usage;

import java.io.Serial;

/// The database did not do its part. Tells no password and no URL.
public final class StorageException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  private final long retrySeconds;

  public StorageException(String what) {
    this(what, 1);
  }

  StorageException(String what, long retrySeconds) {
    super(what);
    this.retrySeconds = retrySeconds;
  }

  /// After how long it may be worth another try.
  long retrySeconds() {
    return retrySeconds;
  }
}

package dev.hairpin.bench;

/// A bench cannot run, or not go on: why, and what may be done about it.
public final class BenchException extends Exception {
  private static final long serialVersionUID = 1;

  public BenchException(String message) {
    super(message);
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}

package dev.hairpin.deploy.serve;

/// The program could not do what it was asked to, through no fault of its configuration. The
/// message says why and what to do, for the operator as it stands.
public final class StartException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public StartException(String message) {
    super(message);
  }
}

package dev.hairpin.deploy.check;

/// A step did not work: what was seen, and what to look at.
public final class CheckException extends Exception {
  private static final long serialVersionUID = 1;

  private final String hint;

  CheckException(String problem, String hint) {
    super(problem);
    this.hint = hint;
  }

  public String hint() {
    return hint;
  }
}

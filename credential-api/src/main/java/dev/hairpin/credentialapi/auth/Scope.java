package dev.hairpin.credentialapi.auth;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What a caller may do. The framework knows each by its name as a role: `@Secured("issue")`.
public enum Scope {
  /// Ask for credentials.
  ISSUE,
  /// See sessions, usage, keys and tenants; never a secret.
  READ,
  /// Revoke, end sessions, make keys, and everything else that changes the server.
  MANAGE;

  /// Every one.
  public static final Set<Scope> ALL = Set.copyOf(EnumSet.allOf(Scope.class));

  /// As it is written: in lower case.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The scope of a name, if there is one.
  public static Optional<Scope> of(String text) {
    return Arrays.stream(values()).filter(scope -> scope.text().equals(text)).findFirst();
  }
}

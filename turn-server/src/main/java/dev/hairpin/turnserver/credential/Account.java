package dev.hairpin.turnserver.credential;

/// Whose a credential is: equal user ids of two tenants are two accounts.
///
/// @param tenant empty where it is the server's own
public record Account(String tenant, UserId user) {
  @Override
  public String toString() {
    return (tenant.isEmpty() ? "" : "tenant " + tenant + ", ") + "user " + user;
  }
}

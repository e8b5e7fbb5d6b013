package dev.hairpin.deploy.serve;

/// What a process does. Roles in different processes share a secret, not a wire.
public enum Role {
  TURN,
  API
}

package dev.hairpin.turnserver.net;

/// How a client reaches the server.
public enum Transport {
  UDP
}

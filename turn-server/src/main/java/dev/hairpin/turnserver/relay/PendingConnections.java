package dev.hairpin.turnserver.relay;

import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Connections with peers that their clients have yet to bind, shared by all loops: a
/// ConnectionBind may come on another one (RFC 6062 §5.4). Each is bound once, or given up.
public final class PendingConnections {
  private final Map<Integer, PeerConnection> byId = new ConcurrentHashMap<>();
  private final SecureRandom random = new SecureRandom();

  /// Keeps a connection under an id that nobody can guess.
  int add(PeerConnection connection) {
    int id;
    do {
      id = random.nextInt();
    } while (byId.putIfAbsent(id, connection) != null);
    return id;
  }

  /// The connection of this id, or null.
  public @Nullable PeerConnection find(int id) {
    return byId.get(id);
  }

  /// Takes a connection out. False where somebody else has done so.
  public boolean claim(int id, PeerConnection connection) {
    return byId.remove(id, connection);
  }
}

package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.allocation.Allocator.RelaySockets;
import dev.hairpin.turnserver.allocation.Allocator.RelaySockets.Opened;
import dev.hairpin.turnserver.allocation.Applicant;
import dev.hairpin.turnserver.allocation.RelaySocket;
import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.Quotas;
import dev.hairpin.turnserver.policy.RelayedAddresses;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.turn.PortWish;
import java.io.IOException;
import java.net.BindException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/// The port pools of a server, one for each relay address, and the translation between the
/// addresses that are bound here and those that a NAT shows outside.
///
/// @param pools of UDP and TCP alike
/// @param isTranslated whether any address is bound under another one than clients are told
/// @param isTcp whether those of TCP allocations are meant: what is relayed there is another thing
///   than what UDP reaches on the same port
/// @param pendingConnections with peers that their clients have yet to bind, by ids that nobody can
///   guess: a ConnectionBind may come on another loop (RFC 6062 §5.4). Whoever takes one out binds
///   it, or gives it up
public record RelayPools(
    List<PortPool> pools,
    boolean isTranslated,
    boolean isTcp,
    Quotas quotas,
    Reservations reservations,
    ConcurrentMap<Integer, PeerConnection> pendingConnections)
    implements RelayedAddresses {
  /// Of ports that other programs turn out to have: some milliseconds, and each is then known.
  private static final int MAX_TRIES = 256;

  private static final SecureRandom RANDOM = new SecureRandom();

  public RelayPools(RelaySettings settings, Quotas quotas) {
    this(
        settings.addresses().stream()
            .map(local -> new PortPool(local, settings, quotas.descriptors().relays))
            .toList(),
        !settings.externalAddresses().isEmpty(),
        false,
        quotas,
        new Reservations(),
        new ConcurrentHashMap<>());
  }

  /// The same pools for TCP.
  public RelayPools tcp() {
    return new RelayPools(pools, isTranslated, true, quotas, reservations, pendingConnections);
  }

  /// Makes a socket on a port that was taken for it.
  interface Opening {
    /// Opens a socket there, or lets go of the port.
    ///
    /// @throws BindException where another program has the port
    /// @throws IOException where another port would not help either
    RelaySocket on(PortPool pool, int port) throws IOException;
  }

  /// Opens a socket on the first pool of a family that has a port left, on a port drawn at random
  /// (RFC 8656 §7.2). Ports that another process holds are passed over.
  ///
  /// @param applicant who came by an address whose pool is tried first
  Opened open(Family family, Applicant applicant, PortWish.Parity parity, Opening opening) {
    Opened opened = new RelaySockets.Failed(ErrorCode.ADDRESS_FAMILY_NOT_SUPPORTED);
    for (var pool : of(family, applicant.fiveTuple().server().ip())) {
      opened = draw(pool, parity, opening);
      if (opened instanceof RelaySocket) {
        break;
      }
    }
    return opened;
  }

  private Opened draw(PortPool pool, PortWish.Parity parity, Opening opening) {
    for (int tries = 0; tries < MAX_TRIES; tries++) {
      int port = pool.take(parity, RANDOM.nextInt(pool.range().size()));
      if (port < 0) {
        break;
      }
      try {
        return opening.on(pool, port);
      } catch (BindException _) {
        // another program has it
      } catch (IOException _) {
        break; // no descriptors left
      }
    }
    return new RelaySockets.Failed(ErrorCode.INSUFFICIENT_CAPACITY);
  }

  /// The pools of a family in the order in which they are to be tried: that of the address which
  /// the client came by, then the others in a circle from a random one on.
  private List<PortPool> of(Family family, IpAddress server) {
    var ofFamily = new ArrayList<>(pools);
    ofFamily.removeIf(pool -> pool.local().family() != family);
    if (ofFamily.size() > 1) {
      Collections.rotate(ofFamily, RANDOM.nextInt(ofFamily.size()));
      ofFamily.sort(Comparator.comparing(pool -> !pool.local().equals(server)));
    }
    return ofFamily;
  }

  /// Ends reservations that have run out, and tries ports again that other programs had.
  public void expire(long nowNanos) {
    reservations.expire(nowNanos);
    pools.forEach(pool -> pool.expire(nowNanos));
  }

  /// How many ports there are.
  public int ports() {
    return pools.stream().mapToInt(pool -> pool.range().size()).sum();
  }

  /// How many of them allocations and reservations have.
  public int portsInUse() {
    return pools.stream().mapToInt(PortPool::inUse).sum();
  }

  /// Lets go of everything that is kept, when no loop runs any more.
  public void close() {
    reservations.close();
  }

  @Override
  public boolean isLive(long high, long low, int port) {
    return live(true, high, low, port) != null;
  }

  /// As [#isLive], for the address that a packet from there is seen to come from.
  public boolean isSource(long high, long low, int port) {
    return advertisedOf(high, low, port) != null || isLive(high, low, port);
  }

  /// The pool of a live relayed address, or null.
  ///
  /// @param advertised whether it is the one that clients are told, or the one in this machine
  private @Nullable PortPool live(boolean advertised, long high, long low, int port) {
    for (int i = 0; i < pools.size(); i++) {
      var pool = pools.get(i);
      var ip = advertised ? pool.advertised() : pool.local();
      if (ip.low() == low && ip.high() == high && pool.isLive(port, isTcp)) {
        return pool;
      }
    }
    return null;
  }

  /// Where packets for a live relayed address go in this machine, or null where they go to the
  /// address itself.
  @Nullable IpAddress localOf(long high, long low, int port) {
    var pool = isTranslated ? live(true, high, low, port) : null;
    return pool == null ? null : pool.local();
  }

  TransportAddress toLocal(TransportAddress peer) {
    var local = localOf(peer.ip().high(), peer.ip().low(), peer.port());
    return local == null ? peer : new TransportAddress(local, peer.port());
  }

  /// As whom a packet from a live relay socket of this machine is known to clients, or null where
  /// it is known by its address.
  @Nullable IpAddress advertisedOf(long high, long low, int port) {
    var pool = isTranslated ? live(false, high, low, port) : null;
    return pool == null ? null : pool.advertised();
  }

  TransportAddress toAdvertised(TransportAddress seen) {
    var advertised = advertisedOf(seen.ip().high(), seen.ip().low(), seen.port());
    return advertised == null ? seen : new TransportAddress(advertised, seen.port());
  }
}

package dev.hairpin.turnserver.relay;

import dev.hairpin.turnserver.allocation.Allocator.RelaySockets;
import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.udp.UdpEngine;
import java.io.IOException;
import java.net.BindException;
import java.security.SecureRandom;

/// Opens relay sockets on one loop, on ports drawn at random (RFC 8656 §7.2). Ports that another
/// process holds are passed over.
public final class UdpRelaySockets implements RelaySockets {
  private static final int MAX_TRIES = 64;

  private final RelayPools pools;
  private final UdpEngine engine;
  private final PeerEvents events;
  private final SecureRandom random = new SecureRandom();

  public UdpRelaySockets(RelayPools pools, UdpEngine engine, PeerEvents events) {
    this.pools = pools;
    this.engine = engine;
    this.events = events;
  }

  @Override
  public Opened open(Family family) {
    var pool = pools.of(family);
    if (pool == null) {
      return new Opened.Failed(ErrorCode.ADDRESS_FAMILY_NOT_SUPPORTED);
    }
    for (int tries = 0; tries < MAX_TRIES; tries++) {
      int port = pool.take(random.nextInt(pool.size()));
      if (port < 0) {
        break;
      }
      var relay = new UdpRelaySocket(pools, pool, port, events);
      try {
        var local = new TransportAddress(pool.local(), port);
        relay.opened(engine.open(local, UdpEngine.Sharing.EXCLUSIVE, relay));
        return new Opened.Socket(relay);
      } catch (BindException _) {
        pool.giveBack(port);
      } catch (IOException _) {
        pool.giveBack(port);
        break; // no descriptors left: another port would not help
      }
    }
    return new Opened.Failed(ErrorCode.INSUFFICIENT_CAPACITY);
  }
}

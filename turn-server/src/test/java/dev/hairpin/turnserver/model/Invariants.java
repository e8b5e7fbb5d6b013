package dev.hairpin.turnserver.model;

import dev.hairpin.turnserver.credential.Account;
import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.Quotas;
import dev.hairpin.turnserver.telemetry.Counter;
import java.util.HashSet;

/// What holds between any two steps.
final class Invariants {
  private Invariants() {}

  /// Sockets, live ports and allocations are as many as the model has, and the same.
  static void check(World world, Reference model) {
    boolean exact = !model.hasZombies();
    var open = new HashSet<TransportAddress>();
    for (var h : model.held) {
      for (var relayed : h.relayed.entrySet()) {
        if (exact || h.ends.getOrDefault(relayed.getKey(), 0L) > model.now) {
          var ip = relayed.getKey() == 4 ? World.RELAY_IPV4 : World.RELAY_IPV6;
          open.add(new TransportAddress(ip, relayed.getValue().getPort()));
        }
      }
    }
    var sockets = world.udp.sockets.keySet();
    Reference.check(
        exact ? sockets.equals(open) : sockets.containsAll(open),
        "sockets, instead of " + open + ",",
        sockets);
    var advertised = world.setup.advertisedIpv4();
    for (int port = world.setup.ports().first(); port <= world.setup.ports().last(); port++) {
      boolean live = world.pools.isLive(advertised.high(), advertised.low(), port);
      boolean expected = sockets.contains(new TransportAddress(World.RELAY_IPV4, port));
      Reference.check(live == expected, "whether it is relayed, port", port);
    }
    if (exact) {
      checkSums(world, model, open.size());
    }
    long closed = world.telemetry().get(Counter.ALLOCATIONS_CLOSED);
    Reference.check(
        exact ? closed == model.closed : closed >= model.closed,
        "closed, instead of " + model.closed + ",",
        closed);
  }

  private static void checkSums(World world, Reference model, int sockets) {
    int ports = sockets + model.ports.reserved();
    Reference.check(
        world.pools.portsInUse() == ports, "ports, not " + ports + ",", world.pools.portsInUse());
    int descriptors = world.descriptors.relays.open();
    Reference.check(descriptors == ports, "descriptors, not " + ports + ",", descriptors);
    for (var user : User.values()) {
      int expected = model.ports.heldBy(user.id, true);
      int held = world.quotas.heldBy(new Quotas.Holder.User(new Account("", new UserId(user.id))));
      Reference.check(held == expected, user + " holds, not " + expected + ",", held);
    }
  }
}

package dev.hairpin.turnserver.model;

import dev.hairpin.turnserver.model.Step.By;
import dev.hairpin.turnserver.model.Step.Even;
import dev.hairpin.turnserver.model.Step.Sign;
import dev.hairpin.turnserver.model.Step.TicketWish;
import dev.hairpin.turnserver.model.Step.Wish;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// Draws steps. What is usual comes often enough that allocations live long lives, and moments are
/// those around which something ends.
final class StepMaker {
  static final int CLIENTS = 5;
  private static final int[] CHANNELS = {0x4000, 0x4000, 0x4001, 0x4001, 0x7fff, 0x8000, 0x3fff};
  private static final int[] LENGTHS = {0, 1, 3, 4, 5, 100, 1_200};
  private static final long[] LIFETIMES = {
    Step.NO_LIFETIME, Step.NO_LIFETIME, 0, 0, 1, 599, 700, 1_800, 3_600, 5_000, 0xffff_ffffL
  };
  private static final long[] MOMENTS = {
    1, 1, 5, 29, 30, 31, 39, 40, 60, 120, 240, 299, 300, 301, 540, 599, 600, 601, 900, 1_799, 3_600
  };

  private final RandomGenerator random;
  private final boolean ipv6;

  /// Things happen to this client more often, so that they meet.
  private final int favourite;

  StepMaker(RandomGenerator random, boolean ipv6) {
    this.random = random;
    this.ipv6 = ipv6;
    this.favourite = random.nextInt(CLIENTS);
  }

  List<Step> steps(int count) {
    var steps = new ArrayList<Step>();
    steps.add(allocate(favourite));
    while (steps.size() < count) {
      steps.add(step());
    }
    return steps;
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  private <T> T any(T[] values) {
    return values[random.nextInt(values.length)];
  }

  private Step step() {
    int client = chance(40) ? favourite : random.nextInt(CLIENTS);
    int roll = random.nextInt(100);
    if (roll < 12) {
      return allocate(client);
    } else if (roll < 22) {
      return new Step.Refresh(by(client), lifetime(), family(30), ticket(25));
    } else if (roll < 36) {
      return new Step.Permit(by(client), peers());
    } else if (roll < 47) {
      return new Step.Bind(by(client), channel(), peer());
    } else if (roll < 57) {
      return new Step.Send(client, peer(), length(), chance(10), chance(5));
    } else if (roll < 67) {
      return new Step.OnChannel(client, channel(), length(), chance(5));
    } else if (roll < 79) {
      return new Step.FromPeer(peer(), relayed(), length());
    } else if (roll < 83) {
      return new Step.Retransmit(client);
    } else if (roll < 94) {
      return new Step.Advance(MOMENTS[random.nextInt(MOMENTS.length)], !chance(25));
    } else {
      return seldom(client);
    }
  }

  private Step seldom(int client) {
    return switch (random.nextInt(8)) {
      case 0 -> new Step.RefuseSockets(1 + random.nextInt(3));
      case 1 -> new Step.RefuseSends(1 + random.nextInt(3));
      case 2 -> new Step.TakePort(random.nextInt(World.Setup.PORTS), ipv6 && chance(30));
      case 3 -> new Step.Connect(by(client), peer());
      case 4 -> new Step.ConnectionBind(by(client));
      case 5 -> new Step.Icmp(peer(), relayed());
      case 6 -> new Step.Binding(by(client));
      default -> new Step.Junk(client, any(Step.Trash.values()));
    };
  }

  private Step allocate(int client) {
    int transport = chance(94) ? 17 : new int[] {0, 6, 99}[random.nextInt(3)];
    var even = chance(25) ? any(Even.values()) : Even.NO;
    int token = chance(10) ? random.nextInt(3) : Step.NONE;
    var ticket = chance(40) ? chance(95) ? TicketWish.YES : TicketWish.WITH_CONTENT : TicketWish.NO;
    boolean alone = token != Step.NONE && chance(80);
    return new Step.Allocate(
        by(client),
        new Wish(
            transport,
            alone ? 0 : family(20),
            !alone && chance(ipv6 ? 25 : 5),
            alone ? Even.NO : even,
            token,
            lifetime(),
            chance(5),
            ticket));
  }

  private By by(int client) {
    var usual = new User[] {User.ALICE, User.BOB, User.ALICE, User.BOB, User.BRIEF}[client];
    var user = chance(90) ? usual : any(User.values());
    var sign = chance(94) ? Sign.WELL : any(Sign.values());
    return new By(client, user, sign);
  }

  private long lifetime() {
    return LIFETIMES[random.nextInt(LIFETIMES.length)];
  }

  private int family(int percent) {
    return chance(percent) ? random.nextInt(4) : 0;
  }

  private int ticket(int percent) {
    return chance(percent) ? new int[] {0, 0, 0, 1, 1, 2, 3, 9}[random.nextInt(8)] : Step.NONE;
  }

  private int channel() {
    return CHANNELS[random.nextInt(CHANNELS.length)];
  }

  private int length() {
    return LENGTHS[random.nextInt(LENGTHS.length)];
  }

  private List<Peer> peers() {
    var peers = new ArrayList<Peer>(List.of(peer()));
    while (chance(20)) {
      peers.add(peer());
    }
    return peers;
  }

  private Peer peer() {
    if (chance(45)) {
      return chance(70) ? Peer.Site.NEAR : Peer.Site.IPV6;
    }
    if (chance(40)) {
      return relayed();
    }
    return any(Peer.Site.values());
  }

  private Peer.Relayed relayed() {
    return new Peer.Relayed(random.nextInt(CLIENTS), ipv6 && chance(30));
  }
}

package dev.hairpin.turnserver.model;

import dev.hairpin.turnserver.model.Step.Even;
import dev.hairpin.turnserver.model.Step.TicketWish;
import java.util.List;

/// What the attributes of an Allocate come to by themselves.
final class Allocations {
  private static final int UDP = 17;
  static final int BAD_FAMILY = 3;

  private Allocations() {}

  /// The code of a request that cannot be granted whatever ports there are, or 0.
  static int refusal(Step.Allocate step, World.Setup setup, int client) {
    var wish = step.wish();
    boolean token = wish.token() != Step.NONE;
    if (wish.transport() == 0) {
      return 400;
    }
    if (wish.transport() != UDP) {
      return 442;
    }
    boolean oddToken = token && (wish.even() != Even.NO || wish.family() != 0);
    boolean oddDual =
        wish.additional() && (wish.family() != 0 || token || wish.even() == Even.AND_NEXT);
    if (oddToken || oddDual) {
      return 400;
    }
    if (wish.family() == BAD_FAMILY) {
      return 440;
    }
    if (wish.ticket() == TicketWish.WITH_CONTENT) {
      return 400;
    }
    if (wish.ticket() == TicketWish.YES && !setup.mobility()) {
      return 405;
    }
    boolean fromIpv4 = Held.familyOf(Clients.address(client).getAddress()) == 4;
    return wish.dontFragment() && fromIpv4 && families(wish).contains(6) ? 420 : 0;
  }

  static List<Integer> families(Step.Wish wish) {
    return wish.additional() ? List.of(4, 6) : List.of(wish.family() == 2 ? 6 : 4);
  }
}

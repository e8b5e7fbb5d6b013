package dev.hairpin.turnserver.allocation;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Where the client of an allocation is: at one 5-tuple; while it moves, at the next one too;
/// between two connections, at none (RFC 8016 §3.2.2). Data go to the old place until the client
/// sends some from the new one, the old connection ends, or the old place has been silent for a
/// while.
public final class Whereabouts {
  private static final Duration SILENCE = Duration.ofSeconds(30);

  private final Allocation allocation;
  private @Nullable Applicant current;
  private @Nullable Applicant next;
  private ClientLink link;
  private FiveTuple latest;
  private int moves;
  private long sinceNanos;
  private boolean heardHere;

  Whereabouts(Allocation allocation, Applicant first) {
    this.allocation = allocation;
    this.current = first;
    this.link = first.link();
    this.latest = first.fiveTuple();
  }

  ClientLink link() {
    return link;
  }

  /// Where data go, or went before the client lost its connection.
  FiveTuple fiveTuple() {
    return latest;
  }

  public boolean isMoving() {
    return next != null;
  }

  /// How often the client has moved.
  public int moves() {
    return moves;
  }

  boolean isAt(FiveTuple place) {
    return (current != null && current.fiveTuple().equals(place))
        || (next != null && next.fiveTuple().equals(place));
  }

  /// A move takes the place of one that has not come to its end.
  void move(Applicant to, long nowNanos) {
    moves++;
    if (current == null) {
      arrive(to);
    } else {
      leave(next);
      next = to;
      sinceNanos = nowNanos;
      heardHere = false;
    }
  }

  /// The client has sent data, or a request where it moves from.
  public void heard(FiveTuple from, boolean data) {
    var to = next;
    if (to == null || !to.fiveTuple().equals(from)) {
      heardHere = true;
    } else if (data) {
      arrive(to);
    }
  }

  /// A place that the client no longer speaks from gives way to the next.
  public void settle(long nowNanos) {
    var to = next;
    if (to != null && nowNanos - sinceNanos >= SILENCE.toNanos()) {
      if (heardHere) {
        sinceNanos = nowNanos;
        heardHere = false;
      } else {
        arrive(to);
      }
    }
  }

  private void arrive(Applicant to) {
    leave(current);
    current = to;
    link = to.link();
    latest = to.fiveTuple();
    next = null;
  }

  /// A connection is gone. Says whether the client is anywhere still.
  boolean lost(ClientLink gone) {
    if (next != null && next.link().equals(gone)) {
      leave(next);
      next = null;
    } else if (current != null && current.link().equals(gone)) {
      if (next != null) {
        arrive(next);
      } else {
        leave(current);
        current = null;
        link = ClientLink.NOWHERE;
      }
    }
    return current != null;
  }

  void end() {
    leave(current);
    leave(next);
  }

  private void leave(@Nullable Applicant place) {
    if (place != null) {
      place.link().forget(allocation);
    }
  }
}

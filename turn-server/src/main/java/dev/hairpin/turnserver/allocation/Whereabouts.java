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

  /// Where data go; by [ClientLink#NOWHERE] after the client has lost its connection.
  private Applicant current;

  private @Nullable Applicant next;

  /// When the client has been heard last where it moves from.
  private long heardNanos;

  Whereabouts(Allocation allocation, Applicant first) {
    this.allocation = allocation;
    this.current = first;
  }

  ClientLink link() {
    return current.link();
  }

  /// Where data go, or went before the client lost its connection.
  FiveTuple fiveTuple() {
    return current.fiveTuple();
  }

  public boolean isMoving() {
    return next != null;
  }

  private boolean isAway() {
    return link().equals(ClientLink.NOWHERE);
  }

  /// Whether the client is here, or on its way to here.
  public boolean isAt(FiveTuple place) {
    return (!isAway() && fiveTuple().equals(place))
        || (next != null && next.fiveTuple().equals(place));
  }

  /// A move takes the place of one that has not come to its end.
  void move(Applicant to, long nowNanos) {
    if (isAway()) {
      arrive(to);
    } else {
      leave(next);
      next = to;
      heardNanos = nowNanos;
    }
  }

  /// The client has sent data, or a request where it moves from.
  public void heard(FiveTuple from, boolean data, long nowNanos) {
    var to = next;
    if (to == null || !to.fiveTuple().equals(from)) {
      heardNanos = nowNanos;
    } else if (data) {
      arrive(to);
    }
  }

  /// A place that the client no longer speaks from gives way to the next.
  void settle(long nowNanos) {
    var to = next;
    if (to != null && nowNanos - heardNanos >= SILENCE.toNanos()) {
      arrive(to);
    }
  }

  private void arrive(Applicant to) {
    leave(current);
    current = to;
    next = null;
  }

  /// A connection is gone. Says whether the client is anywhere still.
  boolean lost(ClientLink gone) {
    if (next != null && next.link().equals(gone)) {
      leave(next);
      next = null;
    } else if (link().equals(gone)) {
      arrive(next != null ? next : new Applicant(fiveTuple(), ClientLink.NOWHERE, current.owner()));
    }
    return !isAway();
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

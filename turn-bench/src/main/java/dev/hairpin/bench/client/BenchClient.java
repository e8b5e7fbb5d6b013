package dev.hairpin.bench.client;

import dev.hairpin.bench.client.Session.Request;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.MessageClass;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.stun.TransactionId;
import dev.hairpin.turnserver.stun.XorAddress;
import dev.hairpin.turnserver.turn.ChannelData;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// One client with one allocation and one channel to the peer, on its loop. It asks one thing at a
/// time.
final class BenchClient implements Wire.Listener {
  private static final long FIRST_WAIT = 500_000_000L; // RFC 8489 §6.2.1
  private static final int TRIES = 7;
  private static final long PATIENCE = 8_000_000_000L;

  /// A busy server may lose some of what keeps an allocation alive.
  private static final long KEEP_PATIENCE = 40_000_000_000L;

  private static final int MAX_STALE = 3;
  private static final int UNAUTHENTICATED = 401;
  private static final int STALE_NONCE = 438;
  private static final int ALLOCATION_MISMATCH = 437;
  private static final int MAX_MOVES = 3;

  /// Permissions last 5 minutes, channels and most allocations 10 (RFC 8656 §9, §12).
  private static final long KEEP_NANOS = 200_000_000_000L;

  private static final long HALF_A_SECOND = 500_000_000L;

  private final Crew crew;
  private final int index;
  private final Session session;
  private final XorAddress relayed = new XorAddress();
  private @Nullable Wire wire;
  private State state = State.OPENING;
  private @Nullable Request pending;
  private TransactionId id = new TransactionId(0, 0);
  private @Nullable ByteBuf message;
  private long began;
  private long asked;
  private long repeatAt;
  private int tries;
  private int stale;
  private int moves;
  private boolean allocated;
  private long keepNanos = KEEP_NANOS;
  private long keepAt = Long.MAX_VALUE;
  private @Nullable String software;

  /// The number of the next packet that goes to it or from it.
  long sequence;

  /// How far a client is.
  enum State {
    OPENING,
    READY,
    LEAVING,
    GONE
  }

  BenchClient(Crew crew, int index, Session session) {
    this.crew = crew;
    this.index = index;
    this.session = session;
  }

  void open(Wire newWire) {
    wire = newWire;
    asked = System.nanoTime();
    began = moves == 0 ? asked : began;
    if (newWire.isDatagram()) {
      onOpen();
    }
  }

  @Override
  public void onOpen() {
    ask(Request.ALLOCATE);
  }

  /// Its number on this loop.
  int index() {
    return index;
  }

  @Nullable Wire wire() {
    return wire;
  }

  boolean isReady() {
    return state == State.READY;
  }

  XorAddress relayed() {
    return relayed;
  }

  /// What the server calls itself, or null.
  @Nullable String software() {
    return software;
  }

  /// Whether the server may still hold something for it.
  boolean isOpen() {
    return state != State.GONE;
  }

  /// Gives the allocation back, where there is one or will be.
  void release() {
    boolean coming = pending == Request.ALLOCATE && session.isSigned();
    if (state == State.OPENING || state == State.READY) {
      state = State.LEAVING;
      if (allocated) {
        ask(Request.RELEASE);
      } else if (!coming) {
        leave();
      }
    }
  }

  private void ask(Request request) {
    pending = request;
    stale = 0;
    write();
  }

  private void write() {
    var way = wire;
    var request = pending;
    if (way == null || request == null) {
      return;
    }
    crew.ids.next();
    id = new TransactionId(crew.ids.high(), crew.ids.low());
    message = session.write(request, id);
    asked = System.nanoTime();
    tries = 1;
    repeatAt = asked + FIRST_WAIT;
    way.request(message);
  }

  /// Looks at the time now and then.
  void tick(long now) {
    var request = pending;
    long patience = state == State.READY ? KEEP_PATIENCE : PATIENCE;
    if (state == State.READY && request == null) {
      if (now > keepAt) {
        keepAt = now + keepNanos;
        ask(Request.REFRESH);
      }
    } else if (isOpen() && now - asked > patience) {
      String what = request == null ? "connection" : "answer to " + request.words;
      fail("no " + what + " within " + patience / 1_000_000_000L + " s");
    } else if (wire != null && message != null && wire.isDatagram() && now > repeatAt) {
      if (tries < TRIES) {
        repeatAt = now + (FIRST_WAIT << tries);
        tries++;
        wire.request(message);
      }
    }
  }

  @Override
  public void onMessage(ByteBuf buffer, int at, int length) {
    if (length > 0 && ChannelData.startsWith(buffer.getByte(at))) {
      int payload = ChannelData.payloadLength(buffer, at, length);
      if (payload >= 0 && ChannelData.channel(buffer, at) == ChannelData.FIRST_CHANNEL) {
        crew.received(buffer, at + ChannelData.HEADER_BYTES, payload);
      }
    } else if (crew.message.decode(buffer, at, length)) {
      onAnswer(crew.message);
    }
  }

  private void onAnswer(StunMessage answer) {
    var request = pending;
    if (request == null || !answer.transactionId().equals(id)) {
      return;
    }
    if (answer.messageClass() == MessageClass.SUCCESS) {
      pending = null;
      message = null;
      onSuccess(request, answer);
    } else if (answer.messageClass() == MessageClass.ERROR) {
      var bytes = answer.bytesOf(Attribute.ERROR_CODE);
      onError(request, answer, bytes.length < 4 ? 0 : bytes[2] * 100 + bytes[3]);
    }
  }

  private void onSuccess(Request request, StunMessage answer) {
    switch (request) {
      case ALLOCATE -> {
        allocated = true;
        granted(answer);
        int address = answer.find(Attribute.XOR_RELAYED_ADDRESS);
        boolean isNamed = answer.has(Attribute.SOFTWARE);
        software =
            isNamed ? new String(answer.bytesOf(Attribute.SOFTWARE), StandardCharsets.UTF_8) : null;
        if (state == State.LEAVING) {
          ask(Request.RELEASE);
        } else if (address < 0 || !relayed.read(answer, address)) {
          fail("Allocate succeeded without a relayed address; is this a TURN server?");
        } else {
          ask(Request.BIND);
        }
      }
      case BIND -> {
        if (state == State.OPENING) {
          state = State.READY;
          long now = System.nanoTime();
          keepAt = now + keepNanos - keepNanos / 64 * (index % 16); // not all at once
          crew.settled(this, now - began, null);
        }
      }
      case REFRESH -> ask(Request.BIND);
      case RELEASE -> leave();
    }
  }

  /// A server may grant less than most do: half of it is left for what is lost on the way.
  private void granted(StunMessage answer) {
    long seconds = answer.numberOf(Attribute.LIFETIME);
    keepNanos = seconds > 0 ? Math.min(seconds * HALF_A_SECOND, KEEP_NANOS) : KEEP_NANOS;
  }

  private void onError(Request request, StunMessage answer, int code) {
    boolean first = code == UNAUTHENTICATED && !session.isSigned();
    boolean renewed = code == STALE_NONCE && ++stale <= MAX_STALE;
    if ((first || renewed) && session.learn(answer)) {
      write();
    } else if (code == ALLOCATION_MISMATCH
        && request == Request.ALLOCATE
        && state == State.OPENING
        && ++moves <= MAX_MOVES) {
      move();
    } else {
      fail(Refusals.describe(request.words, code));
    }
  }

  /// The server still holds what an earlier client of this port had: tries another (RFC 8656 §7.4).
  private void move() {
    pending = null;
    message = null;
    session.forget();
    if (wire != null) {
      wire.close();
    }
    crew.connect(this);
  }

  @Override
  public void onEnd(String reason) {
    fail(reason);
    leave(); // nothing can be said any more
  }

  private void fail(String reason) {
    pending = null;
    switch (state) {
      case OPENING -> {
        crew.settled(this, 0, reason);
        release(); // what it got so far
      }
      case READY -> {
        crew.lost(reason);
        leave();
      }
      case LEAVING, GONE -> leave();
    }
  }

  /// Leaves without a word.
  void abandon() {
    leave();
  }

  private void leave() {
    state = State.GONE;
    pending = null;
    message = null;
    if (wire != null) {
      wire.close();
    }
  }
}

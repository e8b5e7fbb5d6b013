package dev.hairpin.turnserver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Message;
import java.util.List;

/// What a row's question must lead to.
sealed interface Expected {
  Expected SUCCESS = new Success("success", (_, _, _) -> {});
  Expected SILENCE = new Silence();

  void check(Scene scene, Bytes question);

  static Expected error(int code) {
    return new Failure(code);
  }

  static Expected success(String more, Detail detail) {
    return new Success("success, " + more, detail);
  }

  static Expected lifetime(long seconds) {
    return success(
        "LIFETIME " + seconds,
        (_, _, answer) -> assertEquals(seconds, answer.uint32(Attributes.LIFETIME)));
  }

  /// 420 with this list of attributes.
  static Expected unknown(int... attributes) {
    return new Unknown(attributes);
  }

  /// The payload reaches the peer, and the client hears nothing.
  static Expected delivered(Bytes payload) {
    return new Delivered(payload);
  }

  /// Looks closer at a success response.
  interface Detail {
    void check(Scene scene, Bytes question, Message answer);
  }

  /// A success response.
  record Success(String text, Detail detail) implements Expected {
    @Override
    public void check(Scene scene, Bytes question) {
      var answer = scene.client.exchange(question);
      assertTrue(answer.isSuccess(), answer::toString);
      detail.check(scene, question, answer);
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /// An error response.
  record Failure(int code) implements Expected {
    @Override
    public void check(Scene scene, Bytes question) {
      var answer = scene.client.exchange(question);
      assertTrue(answer.isError(code), answer::toString);
    }

    @Override
    public String toString() {
      return Integer.toString(code);
    }
  }

  /// A 420 that names the attributes.
  final class Unknown implements Expected {
    private final Bytes list;

    private Unknown(int... attributes) {
      var bytes = Bytes.EMPTY;
      for (int attribute : attributes) {
        bytes = bytes.plus(Bytes.uint16(attribute));
      }
      list = bytes;
    }

    @Override
    public void check(Scene scene, Bytes question) {
      var answer = scene.client.exchange(question);
      assertTrue(answer.isError(420), answer::toString);
      assertEquals(list, answer.require(Attributes.UNKNOWN_ATTRIBUTES));
    }

    @Override
    public String toString() {
      return "420";
    }
  }

  /// Neither client nor peer hears anything.
  record Silence() implements Expected {
    @Override
    public void check(Scene scene, Bytes question) {
      scene.sendAndSettle(question);
      assertEquals(List.of(), scene.peer.received());
      assertEquals(List.of(), scene.otherPeer.received());
    }

    @Override
    public String toString() {
      return "silence";
    }
  }

  /// The peer gets exactly the payload.
  record Delivered(Bytes payload) implements Expected {
    @Override
    public void check(Scene scene, Bytes question) {
      scene.sendAndSettle(question);
      assertEquals(List.of(payload), scene.peer.received());
      assertEquals(List.of(), scene.otherPeer.received());
    }

    @Override
    public String toString() {
      return "relayed";
    }
  }
}

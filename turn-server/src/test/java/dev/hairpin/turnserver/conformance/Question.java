package dev.hairpin.turnserver.conformance;

import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.MessageClass;
import java.util.function.UnaryOperator;

/// What a row sends: a name for the table, and the bytes.
record Question(String name, Source source) {
  /// Makes the bytes.
  interface Source {
    Bytes bytes(Scene scene, Credentials credentials);
  }

  /// The attributes of a message, without those of its credentials.
  interface Content {
    void write(MessageBuilder message, Scene scene);
  }

  static Question request(String name, int method, Content content) {
    return of(name, MessageClass.REQUEST, method, content);
  }

  static Question of(String name, MessageClass messageClass, int method, Content content) {
    return new Question(
        name,
        (scene, credentials) -> {
          var message = MessageBuilder.of(messageClass, method);
          content.write(message, scene);
          credentials.sign(scene.client, message);
          return message.build();
        });
  }

  static Question raw(String name, Source source) {
    return new Question(name, source);
  }

  /// The same with its bytes changed.
  Question but(String change, UnaryOperator<Bytes> mangle) {
    return new Question(
        name + change, (scene, credentials) -> mangle.apply(source.bytes(scene, credentials)));
  }
}

package dev.hairpin.credentialapi.operations;

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketTimeoutException;

/// What carries STUN messages to one server and back. Blocks.
interface Wire extends Closeable {
  int MAX_BYTES = 1500;

  void send(byte[] bytes, int length) throws IOException;

  /// The next message.
  ///
  /// @throws SocketTimeoutException where none came in the time that one attempt has
  byte[] receive() throws IOException;

  /// How often a request is sent at most: more than once where it may be lost.
  int attempts();
}

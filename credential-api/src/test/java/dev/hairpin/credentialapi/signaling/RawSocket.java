package dev.hairpin.credentialapi.signaling;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hairpin.credentialapi.Api;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// A WebSocket made of bytes (RFC 6455 §5.2), for what no decent client does.
public final class RawSocket implements AutoCloseable {
  static final int TEXT = 0x81;

  private static final int CLOSE = 0x88;
  private static final int PATIENCE_MILLIS = 10_000;
  private static final byte[] MASK = {1, 2, 3, 4};

  private final Socket socket = new Socket();
  private final DataInputStream in;
  private final String answer;

  /// What came in a frame.
  ///
  /// @param first byte of it
  record Frame(int first, byte[] payload) {
    String text() {
      return new String(payload, UTF_8);
    }

    int closeStatus() {
      return first == CLOSE ? ByteBuffer.wrap(payload).getShort() & 0xffff : -1;
    }
  }

  private RawSocket(URI api, int receiveBuffer, List<String> headers) throws IOException {
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.connect(new InetSocketAddress("127.0.0.1", api.getPort()));
    in = new DataInputStream(socket.getInputStream());
    String request =
        "GET /v1/signaling HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n\r\n"
            .formatted(api.getPort(), String.join("\r\n", headers));
    socket.getOutputStream().write(request.getBytes(ISO_8859_1));
    answer = head();
  }

  /// Asks for a WebSocket as one should.
  public static RawSocket upgrade(Api api) {
    return upgrade(api.url(), 0);
  }

  static RawSocket upgrade(Api api, int receiveBuffer, String... more) {
    return upgrade(api.url(), receiveBuffer, more);
  }

  /// @param receiveBuffer of the kernel, in bytes; 0 for the usual one
  static RawSocket upgrade(URI api, int receiveBuffer, String... more) {
    var headers =
        new ArrayList<>(
            List.of(
                "Upgrade: websocket",
                "Connection: keep-alive, Upgrade",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));
    headers.addAll(List.of(more));
    return ask(api, receiveBuffer, headers);
  }

  static RawSocket ask(Api api, int receiveBuffer, List<String> headers) {
    return ask(api.url(), receiveBuffer, headers);
  }

  private static RawSocket ask(URI api, int receiveBuffer, List<String> headers) {
    try {
      return new RawSocket(api, receiveBuffer, headers);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The head of the answer, and a body if there is one.
  private String head() throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    var length = head.toString().replaceFirst("(?is).*\r\ncontent-length: *([0-9]+).*", "$1");
    if (length.matches("[0-9]+")) {
      head.append(new String(in.readNBytes(Integer.parseInt(length)), ISO_8859_1));
    }
    return head.toString();
  }

  /// To the request.
  public String answer() {
    return answer;
  }

  int status() {
    return Integer.parseInt(answer.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length()));
  }

  /// Says something in one masked frame.
  RawSocket say(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return send(frame(TEXT, bytes.length, bytes, true));
  }

  /// A frame.
  ///
  /// @param length that it announces
  static byte[] frame(int first, long length, byte[] payload, boolean isMasked) {
    var bytes = new ByteArrayOutputStream();
    bytes.write(first);
    int mask = isMasked ? 0x80 : 0;
    if (length < 126) {
      bytes.write(mask | (int) length);
    } else if (length < 65_536) {
      bytes.write(mask | 126);
      bytes.writeBytes(ByteBuffer.allocate(2).putShort((short) length).array());
    } else {
      bytes.write(mask | 127);
      bytes.writeBytes(ByteBuffer.allocate(8).putLong(length).array());
    }
    if (isMasked) {
      bytes.writeBytes(MASK);
    }
    for (int i = 0; i < payload.length; i++) {
      bytes.write(payload[i] ^ (isMasked ? MASK[i % MASK.length] : 0));
    }
    return bytes.toByteArray();
  }

  RawSocket send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Says something, if there is still somebody to hear it.
  void sayIfOpen(String text) {
    try {
      byte[] bytes = text.getBytes(UTF_8);
      socket.getOutputStream().write(frame(TEXT, bytes.length, bytes, true));
    } catch (IOException e) {
      // it was closed
    }
  }

  Frame read() {
    try {
      int first = in.readUnsignedByte();
      int length = in.readUnsignedByte();
      if (length == 126) {
        length = in.readUnsignedShort();
      } else if (length == 127) {
        length = Math.toIntExact(in.readLong());
      }
      return new Frame(first, in.readNBytes(length));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Reads all that there is until the server closes.
  ///
  /// @return how many bytes came
  long drain() {
    long count = 0;
    byte[] buffer = new byte[8192];
    try {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        count += n;
      }
    } catch (EOFException | SocketException e) {
      return count; // reset
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return count;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

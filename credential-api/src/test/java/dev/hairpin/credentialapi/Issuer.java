package dev.hairpin.credentialapi;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// Somebody who signs tokens and publishes the keys, on the loopback; by no library of tokens.
final class Issuer implements AutoCloseable {
  /// Answers instead of the published keys.
  interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  final AtomicInteger fetches = new AtomicInteger();
  volatile Answer answer = this::publish;

  private static final Map<String, KeyPair> PAIRS = new ConcurrentHashMap<>();

  private final String name;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, KeyPair> keys = new LinkedHashMap<>();
  private final Map<String, String> published = new LinkedHashMap<>();

  /// @param name tells whose keys of an id are which
  Issuer(String name) {
    this.name = name;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          fetches.incrementAndGet();
          answer.to(exchange);
        });
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/jwks.json");
  }

  /// Makes a key for an algorithm and publishes it by an id.
  Issuer with(String kid, String algorithm) {
    return with(kid, algorithm, "");
  }

  /// @param more members of the published key, each with a comma in front
  Issuer with(String kid, String algorithm, String more) {
    var pair = PAIRS.computeIfAbsent(name + kid + algorithm, _ -> pair(algorithm));
    keys.put(kid, pair);
    published.put(kid, jwk(kid, pair, more));
    return this;
  }

  void forget(String kid) {
    published.remove(kid);
  }

  private static KeyPair pair(String algorithm) {
    try {
      var generator =
          KeyPairGenerator.getInstance(
              switch (algorithm) {
                case "ES256", "ES384" -> "EC";
                case "EdDSA" -> "Ed25519";
                default -> "RSA";
              });
      switch (algorithm) {
        case "ES256" -> generator.initialize(new ECGenParameterSpec("secp256r1"));
        case "ES384" -> generator.initialize(new ECGenParameterSpec("secp384r1"));
        case "EdDSA" -> {}
        case "weak" -> generator.initialize(1024);
        default -> generator.initialize(2048);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String jwk(String kid, KeyPair pair, String more) {
    String id = "{\"kid\":\"" + kid + "\"," + "\"use\":\"sig\"" + more + ",";
    return switch (pair.getPublic()) {
      case RSAPublicKey rsa ->
          id
              + "\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"}"
                  .formatted(base64(rsa.getModulus(), 0), base64(rsa.getPublicExponent(), 0));
      case ECPublicKey ec -> {
        int bits = ec.getParams().getCurve().getField().getFieldSize();
        yield id
            + "\"kty\":\"EC\",\"crv\":\"P-%d\",\"x\":\"%s\",\"y\":\"%s\"}"
                .formatted(
                    bits,
                    base64(ec.getW().getAffineX(), bits / 8),
                    base64(ec.getW().getAffineY(), bits / 8));
      }
      case EdECPublicKey ed -> {
        byte[] der = ed.getEncoded();
        yield id
            + "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"}"
                .formatted(base64(Arrays.copyOfRange(der, der.length - 32, der.length)));
      }
      default -> throw new IllegalStateException();
    };
  }

  /// The key as it was published, in DER.
  byte[] publicKey(String kid) {
    return key(kid).getPublic().getEncoded();
  }

  private KeyPair key(String kid) {
    var pair = keys.get(kid);
    if (pair == null) {
      throw new IllegalStateException("no key " + kid);
    }
    return pair;
  }

  /// A token as an issuer makes it.
  String sign(String kid, String algorithm, String claims) {
    return sign(kid, "{\"alg\":\"" + algorithm + "\",\"kid\":\"" + kid + "\"}", algorithm, claims);
  }

  String sign(String kid, String header, String algorithm, String claims) {
    String signed = Jwt.unsigned(header, claims);
    try {
      var signature =
          Signature.getInstance(
              switch (algorithm) {
                case "ES256" -> "SHA256withECDSAinP1363Format";
                case "ES384" -> "SHA384withECDSAinP1363Format";
                case "EdDSA" -> "Ed25519";
                case "PS256" -> "RSASSA-PSS";
                default -> "SHA256withRSA";
              });
      if (algorithm.equals("PS256")) {
        signature.setParameter(
            new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
      }
      signature.initSign(key(kid).getPrivate());
      signature.update(signed.getBytes(StandardCharsets.UTF_8));
      return signed + "." + base64(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  void publish(HttpExchange exchange) throws IOException {
    String body = "{\"keys\":[" + String.join(",", published.values()) + "]}";
    send(exchange, 200, body.getBytes(StandardCharsets.UTF_8));
  }

  static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    try (var stream = exchange.getResponseBody()) {
      stream.write(body);
    }
  }

  static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /// Without a sign, and as long as asked for.
  private static String base64(BigInteger number, int length) {
    byte[] bytes = number.toByteArray();
    int start = bytes[0] == 0 ? 1 : 0;
    byte[] plain = Arrays.copyOfRange(bytes, start, bytes.length);
    byte[] padded = new byte[Math.max(length, plain.length)];
    System.arraycopy(plain, 0, padded, padded.length - plain.length, plain.length);
    return base64(padded);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}

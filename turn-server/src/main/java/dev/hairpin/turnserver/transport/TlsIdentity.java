package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/// A certificate chain, its private key, the names that it is for, and what TLS shows it by. Never
/// printed.
public record TlsIdentity(
    List<X509Certificate> chain, PrivateKey key, List<String> names, SslContext context) {
  static final String ALPN_HTTP = "http/1.1";

  /// What BCP 195 recommends, and what RFC 8489 §6.2.3 demands beside: forward secrecy and AEAD.
  private static final List<String> CIPHER_SUITES =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256");

  private static final Integer DNS_NAME = 2;
  private static final int MIN_RSA_BITS = 2_048;

  /// Reads both files and sees that they belong together.
  ///
  /// @param servesHttp whether HTTP is spoken behind the same port
  /// @throws IOException with the file's name and the reason, never with anything of the key
  public static TlsIdentity load(CertificateFiles files, boolean servesHttp) throws IOException {
    var chain = readChain(files.chain());
    var key = readKey(files.key());
    if (!belong(chain.getFirst(), key)) {
      throw new IOException(
          files.key() + " is not the key of the first certificate in " + files.chain());
    }
    if ((key instanceof RSAKey rsa && rsa.getModulus().bitLength() < MIN_RSA_BITS)
        || chain.getFirst().getSigAlgName().matches("(MD5|SHA1)with.*")) {
      throw new IOException(
          files.chain()
              + " is too weak: it needs RSA of 2,048 bits or more, and SHA-256 or better");
    }
    var context = context(chain, key, servesHttp);
    return new TlsIdentity(chain, key, names(chain.getFirst()), context);
  }

  /// Whether it is for a host; `*.example.org` is for one label.
  boolean isFor(String host) {
    String wanted = host.toLowerCase(Locale.ROOT);
    int dot = wanted.indexOf('.');
    String wildcard = dot < 0 ? "" : "*" + wanted.substring(dot);
    return names.contains(wanted) || names.contains(wildcard);
  }

  private static List<X509Certificate> readChain(Path file) throws IOException {
    var chain = new ArrayList<X509Certificate>();
    try (var pem = new PEMParser(Files.newBufferedReader(file))) {
      for (Object found = pem.readObject(); found != null; found = pem.readObject()) {
        if (found instanceof X509CertificateHolder holder) {
          chain.add(new JcaX509CertificateConverter().getCertificate(holder));
        }
      }
    } catch (FileSystemException e) {
      throw e;
    } catch (RuntimeException | IOException | GeneralSecurityException e) {
      throw new IOException(file + " is not a PEM file of certificates", e);
    }
    if (chain.isEmpty()) {
      throw new IOException(file + " holds no certificate");
    }
    return List.copyOf(chain);
  }

  /// What goes wrong is told without its cause, which could quote the file.
  private static PrivateKey readKey(Path file) throws IOException {
    try (var pem = new PEMParser(Files.newBufferedReader(file))) {
      for (Object found = pem.readObject(); found != null; found = pem.readObject()) {
        var info = found instanceof PEMKeyPair pair ? pair.getPrivateKeyInfo() : found;
        if (info instanceof PrivateKeyInfo key) {
          return new JcaPEMKeyConverter().getPrivateKey(key);
        } // else parameters of a curve, or a certificate in the same file
      }
    } catch (NoSuchFileException _) {
      throw new NoSuchFileException(file.toString());
    } catch (RuntimeException | IOException _) {
      throw new IOException(file + " cannot be read as a PEM file with a private key");
    }
    throw new IOException(file + " holds no private key without a password");
  }

  private static boolean belong(X509Certificate certificate, PrivateKey key) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC", "ECDSA" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    try {
      var signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      byte[] ofNothing = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      return signature.verify(ofNothing);
    } catch (GeneralSecurityException _) {
      return false;
    }
  }

  private static List<String> names(X509Certificate certificate) throws IOException {
    try {
      Collection<List<?>> names =
          Objects.requireNonNullElse(certificate.getSubjectAlternativeNames(), List.of());
      return names.stream()
          .filter(name -> DNS_NAME.equals(name.getFirst()))
          .map(name -> String.valueOf(name.get(1)).toLowerCase(Locale.ROOT))
          .toList();
    } catch (GeneralSecurityException e) {
      throw new IOException("a certificate's names cannot be read", e);
    }
  }

  private static SslContext context(List<X509Certificate> chain, PrivateKey key, boolean servesHttp)
      throws IOException {
    var protocols = new ArrayList<>(List.of("stun.turn", "stun.nat-discovery")); // RFC 7443
    if (servesHttp) {
      protocols.add(ALPN_HTTP);
    }
    return SslContextBuilder.forServer(key, chain)
        .protocols("TLSv1.3", "TLSv1.2")
        .ciphers(CIPHER_SUITES)
        .applicationProtocolConfig(
            new ApplicationProtocolConfig(
                Protocol.ALPN,
                SelectorFailureBehavior.NO_ADVERTISE,
                SelectedListenerFailureBehavior.ACCEPT,
                protocols))
        .build();
  }

  @Override
  public String toString() {
    return "TlsIdentity" + names;
  }
}

package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The certificates that a server shows, read again when their files change. Handshakes take the
/// newest; connections that stand are not touched. Any thread may ask.
public final class TlsIdentities {
  /// RFC 7443.
  static final String ALPN_TURN = "stun.turn";

  static final String ALPN_NAT_DISCOVERY = "stun.nat-discovery";
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

  private static final Logger LOG = LoggerFactory.getLogger(TlsIdentities.class);

  private final boolean servesHttp;
  private volatile State state;

  /// What is shown, and what TLS shows it by.
  record Entry(TlsIdentity identity, SslContext context) {}

  /// @param times when the files were changed last, as far as is known here
  /// @param entries what is in force: of these files, unless they could not be used
  private record State(List<CertificateFiles> files, List<Long> times, List<Entry> entries) {}

  /// @param servesHttp whether HTTP is spoken behind the same port
  /// @throws IOException with the name of the file that is wrong
  public TlsIdentities(List<CertificateFiles> files, boolean servesHttp) throws IOException {
    this.servesHttp = servesHttp;
    this.state = read(files);
  }

  private State read(List<CertificateFiles> files) throws IOException {
    var times = times(files); // first: what changes meanwhile is read again
    var loaded = new ArrayList<Entry>();
    for (var file : files) {
      var identity = TlsIdentity.load(file);
      loaded.add(new Entry(identity, context(identity)));
      if (!identity.isTimely()) { // clients will refuse it, and others may share its server
        LOG.error("the certificate in {} has ended, or has not begun", file.chain());
      }
    }
    return new State(files, times, loaded);
  }

  private SslContext context(TlsIdentity identity) throws IOException {
    var protocols = new ArrayList<>(List.of(ALPN_TURN, ALPN_NAT_DISCOVERY));
    if (servesHttp) {
      protocols.add(ALPN_HTTP);
    }
    return SslContextBuilder.forServer(identity.key(), identity.chain())
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

  public boolean isEmpty() {
    return state.entries().isEmpty();
  }

  /// When the first of the certificates ends, in seconds since 1970; 0 where there is none.
  public long endSeconds() {
    return state.entries().stream()
        .mapToLong(entry -> entry.identity().endSeconds())
        .min()
        .orElse(0);
  }

  public TlsIdentity identityFor(@Nullable String serverName) {
    return entryFor(serverName).identity();
  }

  /// The one for a server name, or the first.
  Entry entryFor(@Nullable String serverName) {
    var now = state.entries();
    return now.stream()
        .filter(entry -> serverName != null && entry.identity().isFor(serverName))
        .findFirst()
        .orElse(now.getFirst());
  }

  /// Reads certificates that take the place of those in force when the result is run.
  ///
  /// @throws IOException with the name of the file that is wrong
  public Runnable prepare(List<CertificateFiles> next) throws IOException {
    var read = read(next);
    return () -> replace(read);
  }

  private synchronized void replace(State next) {
    state = next;
  }

  /// Reads the files again if any has changed. While they are broken, or a key has changed and its
  /// certificate not yet, the former ones stay.
  public synchronized void refresh() {
    var before = state;
    var times = times(before.files());
    if (times.equals(before.times())) {
      return;
    }
    state = new State(before.files(), times, before.entries());
    try {
      state = read(before.files());
      LOG.info("certificates read again");
    } catch (IOException e) {
      LOG.warn("certificates have changed and cannot be used, the former stay: {}", e.getMessage());
    }
  }

  /// 0 for a file that is gone, perhaps for a moment.
  private static List<Long> times(List<CertificateFiles> files) {
    return files.stream()
        .flatMap(file -> Stream.of(file.chain(), file.key()))
        .map(file -> file.toFile().lastModified())
        .toList();
  }
}

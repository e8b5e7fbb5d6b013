package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The certificates that a server shows, read again when their files change. Handshakes take the
/// newest; connections that stand are not touched. Any thread may ask.
public final class TlsIdentities {
  private static final Logger LOG = LoggerFactory.getLogger(TlsIdentities.class);

  private final boolean servesHttp;
  private volatile State state;

  /// Of the files that could not be used when they were read last: that is told once.
  private List<Long> refused = List.of();

  /// @param times when the files were changed last, as far as is known here
  /// @param shown what is in force: of these files, unless they could not be used
  private record State(List<CertificateFiles> files, List<Long> times, List<TlsIdentity> shown) {}

  /// @param servesHttp whether HTTP is spoken behind the same port
  /// @throws IOException with the name of the file that is wrong
  public TlsIdentities(List<CertificateFiles> files, boolean servesHttp) throws IOException {
    this.servesHttp = servesHttp;
    this.state = read(files);
  }

  private State read(List<CertificateFiles> files) throws IOException {
    var times = times(files); // first: what changes meanwhile is read again
    var loaded = new ArrayList<TlsIdentity>();
    for (var file : files) {
      var identity = TlsIdentity.load(file, servesHttp);
      loaded.add(identity);
      try {
        identity.chain().getFirst().checkValidity();
      } catch (CertificateException _) { // clients will refuse it, and others may share its server
        LOG.error("the certificate in {} has ended, or has not begun", file.chain());
      }
    }
    return new State(files, times, loaded);
  }

  public boolean isEmpty() {
    return state.shown().isEmpty();
  }

  /// When the first of the certificates ends, in seconds since 1970; 0 where there is none.
  public long endSeconds() {
    return state.shown().stream()
        .mapToLong(one -> one.chain().getFirst().getNotAfter().toInstant().getEpochSecond())
        .min()
        .orElse(0);
  }

  /// The one for a server name, or the first.
  public TlsIdentity identityFor(@Nullable String serverName) {
    var now = state.shown();
    return now.stream()
        .filter(identity -> serverName != null && identity.isFor(serverName))
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

  /// Reads the files again if any has changed. While they are broken or cannot be read, or a key
  /// has changed and its certificate not yet, the former ones stay, and the next call tries again.
  public synchronized void refresh() {
    var before = state;
    var times = times(before.files());
    if (times.equals(before.times())) {
      return;
    }
    try {
      state = read(before.files());
      LOG.info("certificates read again");
    } catch (IOException e) {
      if (!times.equals(refused)) {
        LOG.warn(
            "certificates have changed and cannot be used, the former stay: {}", e.getMessage());
      }
      refused = times;
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

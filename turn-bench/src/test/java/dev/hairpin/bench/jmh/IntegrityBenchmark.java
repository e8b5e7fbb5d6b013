package dev.hairpin.bench.jmh;

import dev.hairpin.turnserver.auth.AuthResult;
import dev.hairpin.turnserver.auth.AuthSettings;
import dev.hairpin.turnserver.auth.Authenticator;
import dev.hairpin.turnserver.auth.Moment;
import dev.hairpin.turnserver.auth.ProcessKeys;
import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.stun.IntegrityAlgorithm;
import dev.hairpin.turnserver.stun.IntegrityKey;
import dev.hairpin.turnserver.stun.MessageIntegrity;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.telemetry.Counters;
import dev.hairpin.turnserver.turn.Answer;
import dev.hairpin.turnserver.turn.AnswerWriter;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Signing, checking signatures, and finding out who sent a request.
@State(Scope.Thread)
public class IntegrityBenchmark {
  /// More than a loop keeps keys of: when each comes in turn, none is kept.
  private static final int STRANGERS = 5_000;

  private static final Moment NOW = new Moment(1_000_000_000L, 1_800_000_000L);
  private static final SharedSecrets SECRETS = SharedSecrets.of("a secret of many letters");
  private static final Answer.Allocated ANSWER =
      new Answer.Allocated(List.of(Messages.RELAYED), Messages.CLIENT, 600, null, null);

  private final MessageIntegrity integrity = new MessageIntegrity();
  private final IntegrityKey sha1 = new IntegrityKey(IntegrityAlgorithm.SHA1, new byte[16]);
  private final IntegrityKey sha256 = new IntegrityKey(IntegrityAlgorithm.SHA256, new byte[32]);
  private final StunMessage bySha1 = Messages.decoded(signed(sha1));
  private final StunMessage bySha256 = Messages.decoded(signed(sha256));
  private final ByteBuf[] requests = new ByteBuf[STRANGERS];
  private final StunMessage message = new StunMessage();
  private final Authenticator authenticator = newAuthenticator();
  private int turn;
  final ByteBuf out = Messages.room();
  private final AnswerWriter answers = new AnswerWriter(integrity, new Counters(), out);

  @Setup
  public void sign() throws NoSuchAlgorithmException {
    var issuer = new CredentialIssuer(SECRETS);
    var md5 = MessageDigest.getInstance("MD5");
    byte[] nonce = nonce();
    for (int i = 0; i < STRANGERS; i++) {
      var until = Instant.ofEpochSecond(NOW.wallSeconds());
      var credential = issuer.issue(new UserId("user" + i), Duration.ofHours(1), until);
      String username = credential.username();
      String text = username + ":" + Messages.REALM + ":" + credential.password();
      byte[] key = md5.digest(text.getBytes(StandardCharsets.UTF_8));
      requests[i] =
          Messages.allocate(username, nonce, new IntegrityKey(IntegrityAlgorithm.SHA1, key));
    }
  }

  @Benchmark
  public boolean checkSha1() {
    return integrity.verify(bySha1, sha1.bytes());
  }

  @Benchmark
  public boolean checkSha256() {
    return integrity.verify(bySha256, sha256.bytes());
  }

  @Benchmark
  public int signSha1() {
    return answer(sha1);
  }

  @Benchmark
  public int signSha256() {
    return answer(sha256);
  }

  /// A request of somebody whose key is kept: nonce, username and one HMAC.
  @Benchmark
  public AuthResult authenticateKept() {
    return authenticate(requests[0]);
  }

  /// A request of somebody new: the password and the key are made, too.
  @Benchmark
  public AuthResult authenticateNew() {
    turn = (turn + 1) % STRANGERS;
    return authenticate(requests[turn]);
  }

  private int answer(IntegrityKey key) {
    answers.write(ANSWER, bySha1, key);
    return out.writerIndex();
  }

  private AuthResult authenticate(ByteBuf request) {
    if (!message.decode(request, 0, request.readableBytes())) {
      throw new AssertionError("not a message");
    }
    int nonce = authenticator.nonceCreatedAt(message, Messages.CLIENT);
    return authenticator.authenticate(message, Messages.CLIENT, nonce, null, NOW);
  }

  private byte[] nonce() {
    var result = authenticate(Messages.strangersAllocate());
    if (result instanceof AuthResult.Challenge(var challenge)) {
      return challenge.nonce();
    }
    throw new AssertionError("no challenge: " + result);
  }

  private static Authenticator newAuthenticator() {
    var settings = AuthSettings.of(Messages.REALM, SECRETS);
    var verifier = settings.verifier(NOW.wallSeconds());
    return new Authenticator(settings, verifier, new ProcessKeys(), new MessageIntegrity());
  }

  private static ByteBuf signed(IntegrityKey key) {
    return Messages.allocate("1800000000:user", new byte[40], key);
  }
}

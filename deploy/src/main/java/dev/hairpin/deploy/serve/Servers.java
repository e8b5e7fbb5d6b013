package dev.hairpin.deploy.serve;

import dev.hairpin.credentialapi.CredentialApi;
import dev.hairpin.credentialapi.http.TlsCallers;
import dev.hairpin.credentialapi.sessions.SessionWatch;
import dev.hairpin.credentialapi.usage.UsageKeeper;
import dev.hairpin.deploy.config.ConfigException;
import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.config.FileProblem;
import dev.hairpin.deploy.config.TurnKeys;
import dev.hairpin.deploy.log.LogQueue;
import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.IssuedUsernames;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.PolicySettings;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import dev.hairpin.turnserver.transport.TlsIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The servers of this process, until they are closed.
public final class Servers implements AutoCloseable {
  private static final TransportAddress LOOPBACK =
      new TransportAddress(IpAddress.parse("127.0.0.1"), 0);

  /// EX_SOFTWARE of sysexits.h.
  private static final int STUCK = 70;

  private final @Nullable TurnServer turn;
  private final @Nullable CredentialApi api;
  private final @Nullable CredentialIssuer issuer;
  private final @Nullable UsageKeeper usage;
  private final @Nullable SessionWatch watch;
  private final @Nullable IssuedUsernames book;

  private Servers(
      @Nullable TurnServer turn,
      @Nullable CredentialApi api,
      @Nullable CredentialIssuer issuer,
      @Nullable UsageKeeper usage,
      @Nullable IssuedUsernames book) {
    this.turn = turn;
    this.api = api;
    this.issuer = issuer;
    this.usage = usage;
    this.book = book;
    // beside an API the API watches
    this.watch =
        api == null && turn != null && usage != null ? new SessionWatch(turn, usage) : null;
  }

  /// Starts what the plan says, or leaves nothing behind. The TURN server knows where the API will
  /// listen, and starts first: what comes by HTTPS before the API is there, is closed.
  ///
  /// @throws StartException where an address cannot be bound
  public static Servers start(Plan plan) {
    var callers = plan.callers();
    if (callers == null) {
      var turn = startTurn(plan, plan.turnSettings(List.of()));
      return new Servers(turn, null, null, startUsage(plan), null);
    }
    var wanted = HttpForms.addressOf(plan.configuration().one(HairpinKeys.API_LISTEN));
    var apiAddress = Ports.freeTcp(wanted);
    var tlsCallers = plan.sharesTls() ? new TlsCallers(Ports.freeTcp(LOOPBACK)) : null;
    var issued = new IssuedUsernames(plan.configuration().one(TurnKeys.REALM));
    var turn =
        plan.servesTurn()
            ? startTurn(plan, turnSettings(plan, apiAddress, tlsCallers, issued))
            : null;
    var usage = startUsage(plan);
    var url = URI.create("http://" + apiAddress);
    try {
      var listeners = turn == null ? plan.listeners() : turn.listeners();
      var book = turn == null ? null : issued;
      var settings = plan.apiSettings(url, callers, listeners, book);
      var issuer = new CredentialIssuer(plan.secrets(), book);
      var api = CredentialApi.start(settings, issuer, turn, tlsCallers, usage);
      return new Servers(turn, api, issuer, usage, book);
    } catch (RuntimeException e) {
      new Servers(turn, null, null, usage, null).close();
      throw e instanceof UncheckedIOException ? Ports.cannotListen(url, e, "--api") : e;
    }
  }

  private static @Nullable UsageKeeper startUsage(Plan plan) {
    return StoredUsage.start(plan.configuration(), plan.database());
  }

  /// Settings of a TURN server beside an API.
  private static TurnSettings turnSettings(
      Plan plan,
      TransportAddress apiAddress,
      @Nullable TlsCallers tlsCallers,
      IssuedUsernames issued) {
    var own = new ArrayList<>(List.of(apiAddress));
    if (tlsCallers != null) {
      own.add(tlsCallers.address());
    }
    var settings = plan.turnSettings(own);
    return settings
        .but(d -> d.auth = settings.auth().withIssued(issued))
        .but(d -> d.http = tlsCallers);
  }

  private static TurnServer startTurn(Plan plan, TurnSettings settings) {
    settings.streams().certificates().forEach(files -> requireUsable(plan, files));
    requireRelays(plan.configuration());
    try {
      return TurnServer.start(settings.but(d -> d.onStuck = Servers::giveUp));
    } catch (UncheckedIOException e) {
      throw Ports.failure(String.valueOf(e.getMessage()), e, "--listen");
    } catch (IllegalStateException e) {
      var configuration = plan.configuration();
      throw configuration.wrong(
          TurnKeys.UDP, String.valueOf(e.getMessage()), "write udp: auto, or portable");
    }
  }

  /// A server would start without them, and relay nothing.
  private static void requireRelays(Configuration configuration) {
    if (configuration.isWritten(TurnKeys.RELAY_ADDRESSES)) {
      for (var ip : configuration.all(TurnKeys.RELAY_ADDRESSES)) {
        if (!Ports.isOfThisMachine(ip)) {
          throw configuration.wrong(
              TurnKeys.RELAY_ADDRESSES,
              ip + " is no address of this machine",
              "write one that is; what a NAT makes of it stands in external-address");
        }
      }
    }
  }

  /// Whoever watches over this process starts it again.
  private static void giveUp() {
    LogQueue.flush();
    Runtime.getRuntime().halt(STUCK);
  }

  private static void requireUsable(Plan plan, CertificateFiles files) {
    try {
      TlsIdentity.load(files, false);
    } catch (IOException e) {
      throw unusable(plan, e);
    }
  }

  private static ConfigException unusable(Plan plan, IOException e) {
    String problem = e instanceof FileSystemException f ? f.getFile() + ": " : "";
    return plan.configuration()
        .wrong(TurnKeys.TLS_CERTIFICATES, problem + FileProblem.of(e), "correct the PEM files");
  }

  /// Makes ready what another plan changes while the servers run. Nothing changes before the result
  /// is run, which cannot fail then.
  ///
  /// @throws ConfigException where the plan does not go together with what cannot change
  Runnable prepare(Plan next) {
    var changes = new ArrayList<Runnable>();
    if (turn != null) {
      changes.add(prepare(turn, next));
    }
    var callers = next.callers();
    if (api != null && issuer != null && callers != null) {
      changes.add(() -> issuer.renew(next.secrets()));
      var tenants = next.apiTenants(turn == null ? next.listeners() : turn.listeners(), book);
      changes.add(() -> api.apply(tenants));
      changes.add(() -> api.apply(callers));
    }
    return () -> changes.forEach(Runnable::run);
  }

  private static Runnable prepare(TurnServer turn, Plan next) {
    var wanted = next.turnSettings(List.of());
    requireFitting(turn, next, wanted.policy());
    try {
      var certificates = turn.prepare(wanted.streams().certificates());
      return () -> {
        certificates.run();
        turn.apply(next.secrets()); // before anybody signs by them
        turn.applyRevoked(wanted.auth().revoked());
        turn.apply(wanted.policy());
        turn.apply(wanted.tenants());
      };
    } catch (IOException e) {
      throw unusable(next, e);
    }
  }

  /// Rules for peers go with addresses that stay as they are.
  private static void requireFitting(TurnServer turn, Plan next, PolicySettings policy) {
    var _ =
        next.configuration()
            .blaming(
                TurnKeys.NAT_DISCOVERY,
                "what it was is in force until the next start; allow its addresses until then",
                () -> turn.settings().but(d -> d.policy = policy));
  }

  /// Where the API answers: first where everybody may call, if so, then on its own listener.
  public List<URI> urls(Plan plan) {
    var urls = new ArrayList<URI>();
    if (turn != null && plan.sharesTls()) {
      var endpoints =
          HandedOutUrls.endpoints(plan.configuration(), turn.listeners(), Transport.TLS);
      endpoints.forEach(e -> urls.add(URI.create("https://" + e.replaceFirst(":443$", ""))));
    }
    if (api != null) {
      urls.add(api.url());
    }
    return urls;
  }

  public Optional<TurnServer> turn() {
    return Optional.ofNullable(turn);
  }

  public Optional<CredentialApi> api() {
    return Optional.ofNullable(api);
  }

  /// First the API, so that nobody is sent to a server that is gone; last what stores the usage of
  /// both.
  @Override
  public void close() {
    try (usage;
        turn;
        watch) {
      if (api != null) {
        api.close();
      }
    }
  }
}

package dev.hairpin.deploy.serve;

import dev.hairpin.credentialapi.CredentialApi;
import dev.hairpin.turnserver.config.TurnKeys;
import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.IssuedUsernames;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The servers of this process, until they are closed.
public final class Servers implements AutoCloseable {
  private final @Nullable TurnServer turn;
  private final @Nullable CredentialApi api;

  private Servers(@Nullable TurnServer turn, @Nullable CredentialApi api) {
    this.turn = turn;
    this.api = api;
  }

  /// Starts what the plan says, or leaves nothing behind.
  ///
  /// @throws StartException where an address cannot be bound
  public static Servers start(Plan plan) {
    var callers = plan.callers();
    if (callers == null) {
      return new Servers(startTurn(plan, plan.turnSettings(List.of())), null);
    }
    var wanted = HttpForms.addressOf(plan.configuration().one(HairpinKeys.API_LISTEN));
    var apiAddress = Ports.freeTcp(wanted);
    var issued = new IssuedUsernames(plan.configuration().one(TurnKeys.REALM));
    var turn = plan.servesTurn() ? startTurn(plan, withIssued(plan, apiAddress, issued)) : null;
    var url = URI.create("http://" + apiAddress);
    try {
      var listeners = turn == null ? plan.listeners() : turn.listenAddresses();
      var settings = plan.apiSettings(url, callers, listeners);
      var issuer = new CredentialIssuer(plan.secrets(), turn == null ? null : issued);
      return new Servers(turn, CredentialApi.start(settings, issuer, turn));
    } catch (RuntimeException e) {
      new Servers(turn, null).close();
      throw e instanceof UncheckedIOException ? Ports.cannotListen(url, e, "--api") : e;
    }
  }

  private static TurnSettings withIssued(
      Plan plan, TransportAddress apiAddress, IssuedUsernames issued) {
    var settings = plan.turnSettings(List.of(apiAddress));
    return settings.withAuth(settings.auth().withIssued(issued));
  }

  private static TurnServer startTurn(Plan plan, TurnSettings settings) {
    try {
      return TurnServer.start(settings);
    } catch (UncheckedIOException e) {
      throw Ports.failure(String.valueOf(e.getMessage()), e, "--listen");
    } catch (IllegalStateException e) {
      var configuration = plan.configuration();
      throw configuration.wrong(
          TurnKeys.UDP, String.valueOf(e.getMessage()), "write udp: auto, or portable");
    }
  }

  public Optional<TurnServer> turn() {
    return Optional.ofNullable(turn);
  }

  public Optional<CredentialApi> api() {
    return Optional.ofNullable(api);
  }

  /// First the API, so that nobody is sent to a server that is gone.
  @Override
  public void close() {
    try {
      if (api != null) {
        api.close();
      }
    } finally {
      if (turn != null) {
        turn.close();
      }
    }
  }
}

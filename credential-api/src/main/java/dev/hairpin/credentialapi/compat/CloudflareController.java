package dev.hairpin.credentialapi.compat;

import dev.hairpin.credentialapi.Compatibility;
import dev.hairpin.credentialapi.LocalTurnServer;
import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.credentialapi.issue.Issuance;
import dev.hairpin.credentialapi.issue.Issued;
import dev.hairpin.turnserver.credential.Account;
import dev.hairpin.turnserver.credential.CredentialUsername;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.Hidden;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Cloudflare Realtime TURN. The id of a key is theirs alone; the token says who calls.
@Controller("/v1/turn/keys/{keyId}/credentials")
@Requires(property = Compatibility.PROPERTIES + "cloudflare")
@Secured("issue")
@Hidden
final class CloudflareController {
  private final Issuance issuance;
  private final LocalTurnServer turn;

  CloudflareController(Issuance issuance, LocalTurnServer turn) {
    this.issuance = issuance;
    this.turn = turn;
  }

  @Serdeable
  record Wish(@Nullable Object ttl, @Nullable String customIdentifier) {}

  @Serdeable
  record Server(List<String> urls, @Nullable String username, @Nullable String credential) {}

  @Serdeable
  record Servers(List<Server> iceServers) {}

  @Serdeable
  record OneServer(Server iceServers) {}

  @Post("/generate-ice-servers")
  HttpResponse<Servers> generate(
      Caller caller, @PathVariable String keyId, @Body @Nullable Wish wish) {
    Issued issued = issue(caller, wish);
    var servers = new ArrayList<Server>();
    if (!issued.stunUrls().isEmpty()) {
      servers.add(new Server(issued.stunUrls(), null, null));
    }
    servers.add(new Server(issued.turnUrls(), issued.username(), issued.password()));
    return HttpResponse.created(new Servers(servers));
  }

  /// Its former way: one object, no array.
  @Post("/generate")
  HttpResponse<OneServer> generateOne(
      Caller caller, @PathVariable String keyId, @Body @Nullable Wish wish) {
    Issued issued = issue(caller, wish);
    return HttpResponse.created(
        new OneServer(new Server(issued.urls(), issued.username(), issued.password())));
  }

  /// Its allocations end, and no other begins.
  @Post(value = "/{username}/revoke", consumes = MediaType.ALL)
  @ExecuteOn(TaskExecutors.BLOCKING)
  HttpResponse<?> revoke(Caller caller, @PathVariable String keyId, @PathVariable String username) {
    var credential = CredentialUsername.parse(username);
    if (credential == null) {
      throw Refusal.badRequest("this is no username of a credential");
    }
    var account = credential.account();
    requireRight(caller, account);
    turn.revoke(account.tenant(), username);
    var _ = turn.get().disconnectRevoked(credential::equals);
    return HttpResponse.noContent();
  }

  /// Whoever reads a page has its key, and a JWT's subject is a user of its own tenant alone.
  private static void requireRight(Caller caller, Account account) {
    var user = caller.user();
    if (caller.bounds().ownUsers()) {
      throw new Refusal(HttpStatus.FORBIDDEN, "a key for pages revokes nothing");
    }
    if (user != null && !account.equals(new Account(caller.owner(), user))) {
      throw new Refusal(HttpStatus.FORBIDDEN, "this token is for its subject");
    }
    caller.requireOverseer(account.tenant());
  }

  private Issued issue(Caller caller, @Nullable Wish wish) {
    return wish == null
        ? issuance.issue(caller, null, null)
        : issuance.issue(caller, wish.customIdentifier(), wish.ttl());
  }
}

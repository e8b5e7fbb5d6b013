package dev.hairpin.credentialapi.issue;

import dev.hairpin.credentialapi.LocalTurnServer;
import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.credentialapi.http.JsonBody;
import dev.hairpin.credentialapi.http.OpenApi;
import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.credentialapi.http.StrictQuery;
import dev.hairpin.credentialapi.json.JsonFields;
import dev.hairpin.turnserver.credential.Account;
import dev.hairpin.turnserver.credential.CredentialScope;
import dev.hairpin.turnserver.credential.CredentialUsername;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Says what credentials are worth, and ends them before their time. What they say may be sensitive
/// and is of any letters: it stands in bodies, never in URLs.
@Controller("/v1/credentials")
@ExecuteOn(TaskExecutors.BLOCKING)
@Tag(name = "credentials")
final class CredentialsController {
  private final LocalTurnServer turn;

  CredentialsController(LocalTurnServer turn) {
    this.turn = turn;
  }

  @Schema(
      name = "CredentialQuestion",
      description = "A credential to be inspected.",
      additionalProperties = Schema.AdditionalPropertiesValue.FALSE)
  record Question(
      @Schema(description = "As issued.", example = "1795316400:alice") String username,
      @Schema(
              description = "Left out where it is not at hand; then nobody knows who signed.",
              nullable = false,
              example = "ZOYMcHJBYCaQn8bzsJULGQMe6+g=")
          @Nullable String credential) {
    static Question of(JsonFields fields) {
      String username = fields.text("username");
      if (username == null) {
        throw Refusal.badRequest("username is needed");
      }
      return new Question(username, fields.text("credential"));
    }

    @Override
    public String toString() {
      return "Question[" + username + "]";
    }
  }

  @Serdeable
  @Schema(name = "CredentialState", description = "What a credential says, and what it is worth.")
  record CredentialState(
      @Schema(
              description =
                  "good, expired, revoked, or unknown: of another server, another tenant or with"
                      + " another password.",
              type = "string",
              allowableValues = {"good", "expired", "revoked", "unknown"},
              example = "good")
          String state,
      @Schema(
              description = "Whose user; left out where it is the server's own.",
              nullable = false,
              example = "acme")
          @Nullable String tenant,
      @Schema(description = "May be empty.", nullable = false, example = "alice")
          @Nullable String user,
      @Schema(description = "When it ends.", nullable = false, example = "2026-11-22T03:00:00Z")
          @Nullable Instant expiresAt,
      @Schema(
              description = "Its limits, as docs/credentials.md describes them.",
              nullable = false,
              example = "allocations=2;bytes=1000000")
          @Nullable String limits,
      @Schema(description = "How many sessions its user has now.", example = "1") int sessions) {

    @Override
    public String toString() {
      return "CredentialState[" + state + "]";
    }
  }

  @Schema(
      name = "Revocation",
      description = "Which credentials are revoked: one by its username, or all of a user by now.",
      additionalProperties = Schema.AdditionalPropertiesValue.FALSE)
  record Revocation(
      @Schema(description = "As issued.", nullable = false, example = "1795316400:alice")
          @Nullable String username,
      @Schema(
              description = "All credentials of this user that there can be now.",
              nullable = false,
              maxLength = 255,
              example = "alice")
          @Nullable String user,
      @Schema(
              description = "With user: whose. Left out for the caller's own, or the server's.",
              nullable = false,
              example = "acme")
          @Nullable String tenant,
      @Schema(
              description = "Whether sessions that run by them end at once; true if left out.",
              nullable = false,
              example = "true")
          @Nullable Boolean endSessions) {
    static Revocation of(JsonFields fields) {
      var wish =
          new Revocation(
              fields.text("username"),
              fields.text("user"),
              fields.text("tenant"),
              fields.truth("endSessions"));
      if ((wish.username == null) == (wish.user == null)) {
        throw Refusal.badRequest("either username or user is needed");
      }
      if (wish.username != null && wish.tenant != null) {
        throw Refusal.badRequest("tenant stands in the username already");
      }
      return wish;
    }

    /// In the form of [dev.hairpin.turnserver.credential.Revocations].
    String entry() {
      return username == null ? "*:" + user : username;
    }

    /// Whose sessions may end: another revocation may have left its own running.
    Predicate<CredentialUsername> meant(Account account) {
      return username == null
          ? credential -> credential.account().equals(account)
          : Predicate.isEqual(CredentialUsername.parse(username));
    }

    Account account(Caller caller) {
      if (username != null) {
        var said = CredentialUsername.parse(username);
        if (said == null) {
          throw Refusal.badRequest("username is no username of a credential");
        }
        return said.account();
      }
      return new Account(tenant == null ? caller.owner() : tenant, Issuance.named(user));
    }
  }

  @Serdeable
  @Schema(name = "Revoked", description = "What a revocation did at once.")
  record Revoked(
      @Schema(description = "How many sessions were ended.", example = "1") int sessionsEnded) {}

  @Post("/inspect")
  @Secured("read")
  @SecurityRequirement(name = OpenApi.BEARER, scopes = "read")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "inspectCredential",
      summary = "Say what a credential is worth",
      requestBody =
          @RequestBody(
              required = true,
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON,
                      schema = @Schema(implementation = Question.class),
                      examples =
                          @ExampleObject(
                              name = "whole",
                              value =
                                  """
                                  {"username": "1795316400:alice", \
                                  "credential": "ZOYMcHJBYCaQn8bzsJULGQMe6+g="}\
                                  """))))
  @ApiResponse(responseCode = "200", description = "What it says, and what it is worth.")
  @OpenApi.Refusals
  @OpenApi.TakesJson
  @OpenApi.MayBeElsewhere
  CredentialState inspect(
      @Parameter(hidden = true) Caller caller,
      @Parameter(hidden = true) HttpRequest<byte[]> request) {
    var _ = StrictQuery.of(request, List.of());
    var question = JsonBody.read(request, Question::of);
    String state = word(turn.get().standing(question.username, question.credential));
    var said = CredentialUsername.parse(question.username);
    if (said == null || !caller.oversees(said.account().tenant())) {
      return new CredentialState("unknown", null, null, null, null, 0);
    }
    var limits = said.scope().of("");
    return new CredentialState(
        state,
        said.account().tenant().isEmpty() ? null : said.account().tenant(),
        said.user().text(),
        Instant.ofEpochSecond(said.expiresAtSeconds()),
        limits.equals(CredentialScope.NONE) ? null : limits.format(),
        sessionsOf(said.account()));
  }

  private int sessionsOf(Account account) {
    return Math.toIntExact(
        turn.get().sessions().stream()
            .filter(session -> session.credential().account().equals(account))
            .count());
  }

  @Post("/revoke")
  @Secured("manage")
  @SecurityRequirement(name = OpenApi.BEARER, scopes = "manage")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "revokeCredentials",
      summary = "Refuse credentials before their time",
      description =
          "From the answer on they get no allocation, refresh, permission or channel, after the"
              + " next start either.",
      requestBody =
          @RequestBody(
              required = true,
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON,
                      schema = @Schema(implementation = Revocation.class),
                      examples = {
                        @ExampleObject(
                            name = "one",
                            value =
                                """
                                {"username": "1795316400:alice"}\
                                """),
                        @ExampleObject(
                            name = "all of a user",
                            value =
                                """
                                {"user": "alice", "endSessions": false}\
                                """)
                      })))
  @ApiResponse(responseCode = "200", description = "They are revoked.")
  @OpenApi.Refusals
  @OpenApi.TakesJson
  @OpenApi.MayBeElsewhere
  @OpenApi.MayBeBusy
  Revoked revoke(
      @Parameter(hidden = true) Caller caller,
      @Parameter(hidden = true) HttpRequest<byte[]> request) {
    var _ = StrictQuery.of(request, List.of());
    var wish = JsonBody.read(request, Revocation::of);
    var account = wish.account(caller);
    caller.requireOverseer(account.tenant());
    turn.revoke(account.tenant(), wish.entry());
    boolean ends = !Boolean.FALSE.equals(wish.endSessions);
    return new Revoked(ends ? turn.get().disconnectRevoked(wish.meant(account)) : 0);
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}

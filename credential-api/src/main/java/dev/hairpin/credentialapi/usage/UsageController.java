package dev.hairpin.credentialapi.usage;

import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.credentialapi.http.OpenApi;
import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.credentialapi.http.StrictQuery;
import dev.hairpin.credentialapi.usage.UsageQuery.Step;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Tells what was used, to the second.
@Controller("/v1/usage")
@Secured("read")
@SecurityRequirement(name = OpenApi.BEARER, scopes = "read")
@Tag(name = "usage")
final class UsageController {
  private static final Instant EARLIEST = Instant.parse("0000-01-01T00:00:00Z"); // RFC 3339
  private static final Instant LATEST = Instant.parse("+10000-01-01T00:00:00Z");
  private static final int LIMIT = 100;
  private static final int MAX_LIMIT = 1_000;
  private static final List<String> PARAMETERS =
      List.of("tenant", "user", "from", "to", "step", "limit", "after");

  private final @Nullable UsageKeeper keeper;
  private final InstantSource clock;

  UsageController(@Nullable UsageKeeper keeper, InstantSource clock) {
    this.keeper = keeper;
    this.clock = clock;
  }

  @Get
  @ExecuteOn(TaskExecutors.BLOCKING)
  @Operation(
      operationId = "getUsage",
      summary = "What was used, by tenant, user and hour or day",
      description =
          "In the order of time, tenant and user. It holds what was used until some seconds ago.",
      parameters = {
        @Parameter(
            name = "tenant",
            in = ParameterIn.QUERY,
            description =
                "Whose usage; empty for the server's own configuration, left out for all that the"
                    + " caller may see.",
            schema = @Schema(implementation = String.class, maxLength = 255),
            example = "acme"),
        @Parameter(
            name = "user",
            in = ParameterIn.QUERY,
            description = "Whose usage; left out for everybody's.",
            schema = @Schema(implementation = String.class, maxLength = 255),
            example = "alice"),
        @Parameter(
            name = "from",
            in = ParameterIn.QUERY,
            description =
                "Hours that begin then or later; 24 hours before the end by default, 31 days with"
                    + " step=day.",
            schema = @Schema(implementation = String.class, format = "date-time"),
            example = "2026-11-01T00:00:00Z"),
        @Parameter(
            name = "to",
            in = ParameterIn.QUERY,
            description = "Hours that begin before; now by default.",
            schema = @Schema(implementation = String.class, format = "date-time"),
            example = "2026-12-01T00:00:00Z"),
        @Parameter(
            name = "step",
            in = ParameterIn.QUERY,
            description = "What a row tells of, by UTC.",
            schema =
                @Schema(
                    implementation = String.class,
                    allowableValues = {"hour", "day"},
                    defaultValue = "hour"),
            example = "day"),
        @Parameter(
            name = "limit",
            in = ParameterIn.QUERY,
            description = "The most rows of a page.",
            schema =
                @Schema(
                    implementation = Integer.class,
                    minimum = "1",
                    maximum = "1000",
                    defaultValue = "100"),
            example = "100"),
        @Parameter(
            name = "after",
            in = ParameterIn.QUERY,
            description = "The next of the page before.",
            schema = @Schema(implementation = String.class),
            example = "MTc5NTIzMzYwMAAAYWxpY2U")
      })
  @ApiResponse(responseCode = "200", description = "A page of usage.")
  @OpenApi.NotFound
  @OpenApi.MayBeBusy
  @OpenApi.Refusals
  UsageReport get(
      @Parameter(hidden = true) Caller caller, @Parameter(hidden = true) HttpRequest<?> request) {
    var asked = StrictQuery.of(request, PARAMETERS);
    int limit = asked.number("limit", LIMIT, MAX_LIMIT);
    var query = query(caller, asked, limit + 1);
    if (keeper == null) {
      throw new Refusal(HttpStatus.NOT_FOUND, "usage is not stored: storage.url is off");
    }
    try {
      return UsageReport.of(keeper.find(query), limit);
    } catch (StorageException e) {
      throw Refusal.untilLater(String.valueOf(e.getMessage()), e.retrySeconds());
    }
  }

  private UsageQuery query(Caller caller, StrictQuery asked, int limit) {
    var step = "day".equals(asked.word("step", List.of("hour", "day"))) ? Step.DAY : Step.HOUR;
    var to = time(asked, "to", clock.instant());
    var usual = step == Step.DAY ? Duration.ofDays(31) : Duration.ofDays(1);
    var earliest = to.minus(usual);
    var from = time(asked, "from", earliest.isBefore(EARLIEST) ? EARLIEST : earliest);
    if (!from.isBefore(to)) {
      throw Refusal.badRequest("from is before to");
    }
    @Nullable String after = asked.text("after");
    var user = caller.user();
    return new UsageQuery(
        own("tenant", caller.tenant(), asked),
        own("user", user == null ? null : user.text(), asked),
        from.getEpochSecond(),
        to.getEpochSecond(),
        step,
        limit,
        after == null ? null : Cursor.read(after));
  }

  /// What a caller may see: its own, where it has one, and else what it asks for.
  private static @Nullable String own(String name, @Nullable String own, StrictQuery asked) {
    @Nullable String wished = asked.text(name);
    if (own != null && wished != null && !wished.equals(own)) {
      throw new Refusal(
          HttpStatus.FORBIDDEN, "this caller sees its own " + name + " alone; leave it out");
    }
    if (wished != null && wished.length() > UsageKey.MAX_CHARS) {
      throw Refusal.badRequest(name + " has at most " + UsageKey.MAX_CHARS + " characters");
    }
    return own == null ? wished : own;
  }

  private static Instant time(StrictQuery asked, String name, Instant standard) {
    @Nullable String text = asked.text(name);
    try {
      var time = text == null ? standard : Instant.parse(text);
      if (!time.isBefore(EARLIEST) && time.isBefore(LATEST)) {
        return time;
      }
    } catch (DateTimeParseException _) {
      // no time at all
    }
    throw Refusal.badRequest(name + " is a time like 2026-11-21T03:00:00Z");
  }
}

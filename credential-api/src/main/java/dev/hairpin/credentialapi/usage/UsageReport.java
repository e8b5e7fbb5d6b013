package dev.hairpin.credentialapi.usage;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The answer of `/v1/usage`.
@Serdeable
@JsonInclude(JsonInclude.Include.ALWAYS)
@Schema(description = "What was used, in the order of time, tenant and user.")
record UsageReport(
    @Schema(description = "A row for each user and step in which there was any usage.")
        List<Row> usage,
    @Schema(
            nullable = false,
            description = "Asks for the next page as its parameter after; none on the last one.",
            example = "MTc5NTIzMzYwMAAAYWxpY2U")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable String next) {
  /// What one user took within one step.
  @Serdeable
  @JsonInclude(JsonInclude.Include.ALWAYS)
  @Schema(name = "UsageRow", description = "What one user took in an hour or in a day.")
  record Row(
      @Schema(description = "When the hour or the day began.", example = "2026-11-21T03:00:00Z")
          String begins,
      @Schema(description = "Empty for the server's own configuration.", example = "acme")
          String tenant,
      @Schema(
              description =
                  "Empty for usernames without a user, and for those who were too many to be"
                      + " counted one by one while the database was gone.",
              example = "alice")
          String user,
      @Schema(description = "Allocations that began.", minimum = "0", example = "2")
          long allocations,
      @Schema(
              description = "For how many seconds allocations lived, together.",
              minimum = "0",
              example = "1260")
          long seconds,
      @Schema(description = "Bytes of payload to peers.", minimum = "0", example = "5160000")
          long bytesToPeers,
      @Schema(description = "Bytes of payload from peers.", minimum = "0", example = "5160000")
          long bytesToClients,
      @Schema(description = "Packets to peers.", minimum = "0", example = "30000")
          long packetsToPeers,
      @Schema(description = "Packets from peers.", minimum = "0", example = "30000")
          long packetsToClients) {
    static Row of(UsageRow row) {
      var usage = row.usage();
      return new Row(
          Instant.ofEpochSecond(row.key().beginsSeconds()).toString(),
          row.key().tenant(),
          row.key().user(),
          usage.allocations(),
          usage.seconds(),
          usage.bytesToPeers(),
          usage.bytesToClients(),
          usage.packetsToPeers(),
          usage.packetsToClients());
    }
  }

  /// Makes a page.
  ///
  /// @param rows one more than the limit, where there are more
  static UsageReport of(List<UsageRow> rows, int limit) {
    var page = rows.size() > limit ? rows.subList(0, limit) : rows;
    return new UsageReport(
        page.stream().map(Row::of).toList(),
        rows.size() > limit ? Cursor.of(page.getLast().key()) : null);
  }
}

package dev.hairpin.credentialapi.sessions;

import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Some of the sessions.
@Serdeable
@Schema(name = "Sessions", description = "Some of the sessions, oldest first.")
record SessionsPage(
    @Schema(description = "In the order in which they began on each loop.")
        List<SessionView> sessions,
    @Schema(description = "How many there are that were asked for.", example = "2") int total,
    @Schema(
            description = "What after= takes for the next page; left out on the last.",
            nullable = false,
            example = "6b0c5e4a11d3")
        @Nullable String next) {}

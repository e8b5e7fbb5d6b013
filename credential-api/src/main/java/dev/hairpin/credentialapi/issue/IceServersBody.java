package dev.hairpin.credentialapi.issue;

import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Describes the body of a POST, which [IceServersRequest] reads. The limits are those of
/// [dev.hairpin.turnserver.credential.CredentialScope].
@Schema(
    name = "IceServersRequest",
    description = "What the caller wishes. Fields other than these are refused, and so is null.",
    additionalProperties = Schema.AdditionalPropertiesValue.FALSE)
record IceServersBody(
    @Schema(
            description =
                "Whom the credential is for: up to 255 bytes of UTF-8 without control characters."
                    + " It becomes part of the TURN username.",
            nullable = false,
            maxLength = 255,
            example = "alice")
        @Nullable String user,
    @Schema(
            description =
                "For how many seconds the credential is wanted. The server clamps it to its own"
                    + " bounds; the answer says what it became.",
            nullable = false,
            minimum = "1",
            maximum = "999999999",
            example = "3600")
        @Nullable Integer ttl,
    @Schema(
            description = "The only addresses and prefixes that the client may reach.",
            nullable = false,
            example = "[\"203.0.113.0/24\"]")
        @ArraySchema(schema = @Schema(implementation = String.class), minItems = 1)
        @Nullable List<String> peers,
    @Schema(
            description = "Whether the client may reach relayed addresses of the server alone.",
            nullable = false,
            example = "false")
        @Nullable Boolean relayOnly,
    @Schema(
            description = "The most live allocations of the user.",
            nullable = false,
            minimum = "1",
            maximum = "999999999",
            example = "5")
        @Nullable Integer allocations,
    @Schema(
            description = "The most that an allocation carries in each direction, in bytes.",
            nullable = false,
            minimum = "1000",
            maximum = "999999999",
            example = "125000")
        @Nullable Integer bytesPerSecond,
    @Schema(
            description =
                "The most bytes of payload that all allocations of this credential carry together,"
                    + " in both directions. Then they end.",
            nullable = false,
            minimum = "1",
            maximum = "1000000000000000",
            example = "1000000000")
        @Nullable Long bytes,
    @Schema(
            description = "The only transports that the client may come by.",
            nullable = false,
            example = "[\"udp\",\"tls\"]")
        @ArraySchema(
            schema = @Schema(implementation = String.class, pattern = "^(udp|tcp|d?tls)$"),
            minItems = 1,
            uniqueItems = true)
        @Nullable List<String> transports) {}

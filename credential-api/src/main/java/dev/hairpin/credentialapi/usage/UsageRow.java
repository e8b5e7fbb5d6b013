package dev.hairpin.credentialapi.usage;

/// What somebody took in an hour, or in a day.
public record UsageRow(UsageKey key, Usage usage) {}

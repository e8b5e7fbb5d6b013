package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.auth.AuthResult.Known;

/// Who asks for an allocation, and from where.
public record Applicant(FiveTuple fiveTuple, ClientLink link, Known owner) {}

package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;

/// What identifies a client's allocation (RFC 8656 §5).
public record FiveTuple(Transport transport, TransportAddress client, TransportAddress server) {}

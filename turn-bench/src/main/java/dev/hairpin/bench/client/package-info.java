/// Clients of one TURN server on event loops, their peer, and the load that goes between them.
@NullMarked
package dev.hairpin.bench.client;

import org.jspecify.annotations.NullMarked;

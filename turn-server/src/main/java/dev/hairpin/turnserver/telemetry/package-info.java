/// The list of everything that is counted, and the single-writer cells that a loop counts in.
@NullMarked
package dev.hairpin.turnserver.telemetry;

import org.jspecify.annotations.NullMarked;

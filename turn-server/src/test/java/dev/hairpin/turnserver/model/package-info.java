/// Random sequences of requests, data, time and faults, played on the server and on a small model
/// of what it must do.
@NullMarked
package dev.hairpin.turnserver.model;

import org.jspecify.annotations.NullMarked;

/// Clients that others wrote, against this server: coturn's tools and Jitsi's ice4j.
@NullMarked
package dev.hairpin.turnserver.foreign;

import org.jspecify.annotations.NullMarked;

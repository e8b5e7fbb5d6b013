/// One UDP socket on one loop: batches in, batches out, no object per packet.
@NullMarked
package dev.hairpin.turnserver.udp;

import org.jspecify.annotations.NullMarked;

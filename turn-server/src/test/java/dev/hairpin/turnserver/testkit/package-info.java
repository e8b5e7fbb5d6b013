/// An outside judge: a STUN and TURN client that builds and reads every byte by hand and shares no
/// code with the server's codec, and the peers, children and clocks that tests need around it.
@NullMarked
package dev.hairpin.turnserver.testkit;

import org.jspecify.annotations.NullMarked;

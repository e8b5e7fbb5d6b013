/// What the RFCs and our own decisions say a server does, asked from outside.
@NullMarked
package dev.hairpin.turnserver.conformance;

import org.jspecify.annotations.NullMarked;

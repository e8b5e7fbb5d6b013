/// Addresses, prefixes and tables keyed by them: small immutable values and packed longs.
@NullMarked
package dev.hairpin.turnserver.net;

import org.jspecify.annotations.NullMarked;

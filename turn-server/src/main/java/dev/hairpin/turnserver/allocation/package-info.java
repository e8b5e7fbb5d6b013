/// The life of an allocation, its permissions and channels: no I/O, no clock.
@NullMarked
package dev.hairpin.turnserver.allocation;

import org.jspecify.annotations.NullMarked;

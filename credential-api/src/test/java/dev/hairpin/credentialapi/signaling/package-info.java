/// Clients of rooms, and what they see.
@NullMarked
package dev.hairpin.credentialapi.signaling;

import org.jspecify.annotations.NullMarked;

/// Who relays what, now: seen, told and ended by operators.
@NullMarked
package dev.hairpin.credentialapi.sessions;

import org.jspecify.annotations.NullMarked;

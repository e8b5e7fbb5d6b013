/// Issues and verifies time-limited credentials. Imports nothing of ours.
@NullMarked
package dev.hairpin.turnserver.credential;

import org.jspecify.annotations.NullMarked;

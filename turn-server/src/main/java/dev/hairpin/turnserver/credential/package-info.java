/// Issues and verifies time-limited credentials. Imports `net` alone.
@NullMarked
package dev.hairpin.turnserver.credential;

import org.jspecify.annotations.NullMarked;

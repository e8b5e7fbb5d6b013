/// TCP sockets on one loop, and pipes between them.
@NullMarked
package dev.hairpin.turnserver.tcp;

import org.jspecify.annotations.NullMarked;

/// The program: starts the servers, mints credentials, probes a server, shows its configuration.
@NullMarked
package dev.hairpin.deploy;

import org.jspecify.annotations.NullMarked;

/// Reads `hairpin.yml` strictly into the settings records of the rooms below.
@NullMarked
package dev.hairpin.turnserver.config;

import org.jspecify.annotations.NullMarked;

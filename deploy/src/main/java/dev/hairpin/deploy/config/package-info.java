/// Reads `hairpin.yml` strictly into the settings records of the rooms below.
@NullMarked
package dev.hairpin.deploy.config;

import org.jspecify.annotations.NullMarked;

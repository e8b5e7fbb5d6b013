@NullMarked
package dev.hairpin.turnserver.config;

import org.jspecify.annotations.NullMarked;

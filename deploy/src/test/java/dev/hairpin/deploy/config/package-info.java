@NullMarked
package dev.hairpin.deploy.config;

import org.jspecify.annotations.NullMarked;

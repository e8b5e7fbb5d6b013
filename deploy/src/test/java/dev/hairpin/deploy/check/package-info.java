@NullMarked
package dev.hairpin.deploy.check;

import org.jspecify.annotations.NullMarked;

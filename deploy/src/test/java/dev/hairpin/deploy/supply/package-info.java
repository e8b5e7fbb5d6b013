/// What the program consists of, and what its code may not call.
@NullMarked
package dev.hairpin.deploy.supply;

import org.jspecify.annotations.NullMarked;

/// What a configuration means for the servers of this process, and their start.
@NullMarked
package dev.hairpin.deploy.serve;

import org.jspecify.annotations.NullMarked;

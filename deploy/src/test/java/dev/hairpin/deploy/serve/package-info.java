@NullMarked
package dev.hairpin.deploy.serve;

import org.jspecify.annotations.NullMarked;

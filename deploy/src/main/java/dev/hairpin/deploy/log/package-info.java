/// How the program writes its log.
@NullMarked
package dev.hairpin.deploy.log;

import org.jspecify.annotations.NullMarked;

/// What operators and their tools ask for: health, readiness, metrics.
@NullMarked
package dev.hairpin.credentialapi.operations;

import org.jspecify.annotations.NullMarked;

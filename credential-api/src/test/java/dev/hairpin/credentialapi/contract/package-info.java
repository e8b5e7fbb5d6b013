/// Holds what the API does against what it says of itself.
@NullMarked
package dev.hairpin.credentialapi.contract;

import org.jspecify.annotations.NullMarked;

/// Reads JSON strictly.
@NullMarked
package dev.hairpin.credentialapi.json;

import org.jspecify.annotations.NullMarked;

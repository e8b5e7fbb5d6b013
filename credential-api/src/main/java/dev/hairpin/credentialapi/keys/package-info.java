/// Keys of the key ring, by HTTP.
@NullMarked
package dev.hairpin.credentialapi.keys;

import org.jspecify.annotations.NullMarked;

/// The database that usage is stored in: which one, and how its libraries come into memory.
@NullMarked
package dev.hairpin.credentialapi.storage;

import org.jspecify.annotations.NullMarked;

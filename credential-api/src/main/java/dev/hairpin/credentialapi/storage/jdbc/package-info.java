/// Talks to databases. Nothing elsewhere imports it: it is loaded with its libraries, see
/// [dev.hairpin.credentialapi.storage.Storage].
@NullMarked
package dev.hairpin.credentialapi.storage.jdbc;

import org.jspecify.annotations.NullMarked;

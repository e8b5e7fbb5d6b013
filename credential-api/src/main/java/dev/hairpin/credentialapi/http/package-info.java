/// What every exchange goes through: connections, headers, refusals, and what is counted.
@NullMarked
package dev.hairpin.credentialapi.http;

import org.jspecify.annotations.NullMarked;

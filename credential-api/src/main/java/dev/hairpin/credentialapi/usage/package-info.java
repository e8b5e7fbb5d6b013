/// What users took of the server, hour by hour: counted in memory, stored elsewhere, told on
/// demand.
@NullMarked
package dev.hairpin.credentialapi.usage;

import org.jspecify.annotations.NullMarked;

/// Tenants that share the servers, and their callers.
@NullMarked
package dev.hairpin.credentialapi.tenant;

import org.jspecify.annotations.NullMarked;

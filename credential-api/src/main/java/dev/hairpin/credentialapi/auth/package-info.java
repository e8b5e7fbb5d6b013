/// Who is calling: API keys and JWTs.
@NullMarked
package dev.hairpin.credentialapi.auth;

import org.jspecify.annotations.NullMarked;

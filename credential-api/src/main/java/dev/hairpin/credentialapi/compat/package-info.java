/// Other providers' APIs for TURN credentials, so that apps that speak one need no new code. Each
/// issues by [dev.hairpin.credentialapi.issue.Issuance], and is there only where
/// [dev.hairpin.credentialapi.Compatibility] names it.
@NullMarked
package dev.hairpin.credentialapi.compat;

import org.jspecify.annotations.NullMarked;

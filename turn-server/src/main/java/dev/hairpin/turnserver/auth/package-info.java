/// Decides who is asking: nonce, realm, credential, key.
@NullMarked
package dev.hairpin.turnserver.auth;

import org.jspecify.annotations.NullMarked;

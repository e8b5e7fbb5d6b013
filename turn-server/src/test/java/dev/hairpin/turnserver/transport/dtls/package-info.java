/// DTLS against openssl and BouncyCastle's own client.
@NullMarked
package dev.hairpin.turnserver.transport.dtls;

import org.jspecify.annotations.NullMarked;

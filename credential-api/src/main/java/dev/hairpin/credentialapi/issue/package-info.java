/// Issues credentials as `iceServers`.
@NullMarked
package dev.hairpin.credentialapi.issue;

import org.jspecify.annotations.NullMarked;

/// The HTTP side: issues time-limited credentials as `iceServers`, tells health and metrics, serves
/// the page at `/`.
@NullMarked
package dev.hairpin.credentialapi;

import org.jspecify.annotations.NullMarked;

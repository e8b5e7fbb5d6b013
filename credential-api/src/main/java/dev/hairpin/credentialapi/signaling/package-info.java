/// Rooms: who is in one, and what one participant has to say to another before they are connected
/// (`docs/signaling.md`).
///
/// All rooms are under one lock, that of [Rooms]. Only the two loops of the HTTP server come there
/// and now and then a call of the API; what they do there is a look into a table and a handing over
/// of text, for JSON is read before and nothing is written to a socket under it. A lock for each
/// room would save nothing that can be measured, and would have to be taken two at a time.
@NullMarked
package dev.hairpin.credentialapi.signaling;

import org.jspecify.annotations.NullMarked;

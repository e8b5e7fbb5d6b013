/// Sessions that start and end, told to others: as server-sent events and by webhooks.
@NullMarked
package dev.hairpin.credentialapi.events;

import org.jspecify.annotations.NullMarked;

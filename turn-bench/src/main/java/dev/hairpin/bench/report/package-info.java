/// The report of a bench as a page.
@NullMarked
package dev.hairpin.bench.report;

import org.jspecify.annotations.NullMarked;

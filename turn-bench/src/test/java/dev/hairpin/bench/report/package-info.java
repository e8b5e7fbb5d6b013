/// The report in a real browser.
@NullMarked
package dev.hairpin.bench.report;

import org.jspecify.annotations.NullMarked;

/// Microbenchmarks by JMH of what a server does for each packet and each request. `deploy/dev/jmh`
/// runs them; `BenchmarksTest` shows that each does what it says.
@NullMarked
package dev.hairpin.bench.jmh;

import org.jspecify.annotations.NullMarked;

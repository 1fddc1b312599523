/** Benchmarks of what this package of {@code core} keeps to itself. */
@NullMarked
package io.vpc4j.core.routing;

import org.jspecify.annotations.NullMarked;

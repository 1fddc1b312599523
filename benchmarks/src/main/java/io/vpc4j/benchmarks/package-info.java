/**
 * JMH benchmarks of the hot paths, each beside other programs in one run.
 *
 * <p>Run from the class path with {@code benchmarks/run}; the last table is in {@code
 * benchmarks/README.md}. The origin is a process of its own, so that what a client allocates is the
 * client's.
 */
@org.jspecify.annotations.NullMarked
package io.vpc4j.benchmarks;

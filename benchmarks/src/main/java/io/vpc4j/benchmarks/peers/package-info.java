/**
 * The clients compared, each behind {@link io.vpc4j.benchmarks.peers.Peer}, each as its manual
 * says.
 */
@org.jspecify.annotations.NullMarked
package io.vpc4j.benchmarks.peers;

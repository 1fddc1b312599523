/** Benchmarks of the TCP engine. */
@NullMarked
package io.vpc4j.mesh.netstack.tcp;

import org.jspecify.annotations.NullMarked;

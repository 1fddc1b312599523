/** Benchmarks of the WireGuard engine: packets in and out, handshakes, cryptokey routing. */
@NullMarked
package io.vpc4j.mesh.wireguard;

import org.jspecify.annotations.NullMarked;

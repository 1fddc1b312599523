/**
 * TCP's one header as octets, read and written in place: no object per segment. No state.
 *
 * <p>RFC 9293 3.1 and 3.2; the options of RFC 7323 (window scale, timestamps) and RFC 2018 (SACK).
 * Sequence numbers are {@code int}s as they are on the wire; {@link
 * io.vpc4j.mesh.netstack.tcp.wire.Seq} compares them.
 *
 * <p>Does not live here: deciding whether a segment is welcome. That is the room above.
 */
@NullMarked
package io.vpc4j.mesh.netstack.tcp.wire;

import org.jspecify.annotations.NullMarked;

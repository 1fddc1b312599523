/**
 * What every protocol of the stack has on the wire: the Internet checksum and the ECN field.
 *
 * <p>Does not live here: the headers of one protocol, which are beside that protocol's engine.
 */
@NullMarked
package io.vpc4j.mesh.netstack.wire;

import org.jspecify.annotations.NullMarked;

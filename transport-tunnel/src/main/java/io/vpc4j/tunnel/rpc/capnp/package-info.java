/**
 * As much of Cap'n Proto's encoding as the tunnel needs: reading any message safely, writing
 * messages of one segment, and cutting a stream into messages.
 *
 * <p>The encoding is the one of {@code capnproto.org/encoding.html}, cited as {@code [C]} with the
 * heading; unpacked always. {@link io.vpc4j.tunnel.rpc.capnp.MessageFramer} finds where a message
 * ends, {@link io.vpc4j.tunnel.rpc.capnp.MessageReader} follows its pointers within limits, and
 * {@link io.vpc4j.tunnel.rpc.capnp.MessageBuilder} lays a message out in the order in which it is
 * told of its parts, which is also the order of the reference implementation: so our octets are
 * equal to the recorded ones.
 *
 * <p>Does not live here: what any struct means. No schema is compiled; the places of fields are
 * constants beside the record that has them.
 */
package io.vpc4j.tunnel.rpc.capnp;

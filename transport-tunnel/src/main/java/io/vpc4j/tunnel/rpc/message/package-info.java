/**
 * The messages of Cap'n Proto RPC level 1, one by one: octets to records and back. No state.
 *
 * <p>Cited as {@code [R]} with the struct's name: {@code rpc.capnp} of the Cap'n Proto project. The
 * places of fields are in {@code [T] 5.5}. Two booleans of that file have the default true and so
 * are stored inverted; the records hold the meaning, not the bit.
 *
 * <p>Does not live here: when a message is welcome, which is decided in {@code
 * io.vpc4j.tunnel.rpc}.
 */
package io.vpc4j.tunnel.rpc.message;

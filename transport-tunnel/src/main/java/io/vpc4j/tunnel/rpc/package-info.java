/**
 * The calls that connectors and edges make of each other, and the two machines that carry them:
 * {@link io.vpc4j.tunnel.rpc.RpcServer} and {@link io.vpc4j.tunnel.rpc.RpcClient}. No I/O.
 *
 * <p>Specification tags: {@code [T]} with a section, the protocol between {@code cloudflared} and
 * its edge; {@code [R]} with a struct, {@code rpc.capnp}.
 *
 * <p>Read {@link io.vpc4j.tunnel.rpc.RpcCall} first: every method there is. A control stream, and
 * an RPC stream after its signature, is one machine at each end: octets in by {@code onOctets};
 * octets and events out by {@code poll...}.
 */
package io.vpc4j.tunnel.rpc;

/**
 * The mesh against real peers: {@code wireguard-go} with the Linux kernel's TCP and real servers
 * behind it, in namespaces that the tests make.
 */
package io.vpc4j.mesh.interop;

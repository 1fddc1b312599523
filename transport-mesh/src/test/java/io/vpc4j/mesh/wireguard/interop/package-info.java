/**
 * The engine against a real peer, {@code wireguard-go}, in network namespaces of the test's own.
 */
package io.vpc4j.mesh.wireguard.interop;

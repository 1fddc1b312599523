/**
 * What carries datagrams between peers, and what is laid between: a UDP socket, a fault injector, a
 * recorder of packets.
 *
 * <p>Links belong to one event loop and are called on it alone.
 */
package io.vpc4j.mesh.link;

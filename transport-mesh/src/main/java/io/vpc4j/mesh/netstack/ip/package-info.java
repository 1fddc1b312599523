/**
 * What the internet layer remembers between packets: fragments that wait for the rest, the path MTU
 * of destinations, how many errors it may still send.
 *
 * <p>Every table has a bound in count, octets and time, and a counter at the bound. Nothing here
 * does I/O or reads a clock.
 */
package io.vpc4j.mesh.netstack.ip;

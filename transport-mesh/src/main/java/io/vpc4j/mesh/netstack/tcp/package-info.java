/**
 * TCP as an engine: segments, calls and the time go in; segments, events and a deadline come out.
 *
 * <p>No socket, thread, lock, clock or random source: one loop owns every object here and calls it.
 * RFC 9293, with RFC 5961 (blind attacks), 7323 (window scale, timestamps), 2018, 2883 and 6675
 * (SACK), 8985 (RACK-TLP), 6298 (retransmission timeout), 5681, 6582, 6937, 3465 and 9438
 * (congestion), 9406 (HyStart++), 3168 (ECN), 6528 (initial sequence numbers), 4987 (SYN floods).
 * What is left out and why is in {@code docs/conformance/tcp.md}.
 *
 * <p>Read {@link io.vpc4j.mesh.netstack.tcp.TcpConnection#onSegment} first: its steps are the eight
 * of RFC 9293 3.10.7.4. What a connection is made of, by direction:
 *
 * <pre>
 *   TcpConnection   the state, the eight steps, calls of the application
 *     Inbound       RCV.*, reassembly, acknowledgments owed, the window we offer
 *     Outbound      SND.*, the send buffer, which segment leaves next
 *     Recovery      what is in flight, what of it is lost: SentSegments, Rack, RoundTrip
 *     Congestion    how much may be in flight: Cubic or NewReno
 *     Timers        when to wake up
 * </pre>
 *
 * <p>A {@link io.vpc4j.mesh.netstack.tcp.TcpHost} is what all connections of a stack share. {@link
 * io.vpc4j.mesh.netstack.tcp.TcpListener} makes connections out of SYNs.
 *
 * <p>Does not live here: IP, checksums, the table that finds a segment's connection.
 */
@NullMarked
package io.vpc4j.mesh.netstack.tcp;

import org.jspecify.annotations.NullMarked;

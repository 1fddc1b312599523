package io.vpc4j.mesh.netstack;

import io.vpc4j.core.net.IpAddress;

/**
 * A flow to an address that this node stands in for: somebody must say whether it is taken. Until
 * then nothing has been answered, so that a connection is accepted when the far end has accepted,
 * and not before.
 */
public final class Offer {

  /** What is offered. */
  public enum Kind {
    /** A SYN. */
    TCP,
    /** The first datagram of a flow. */
    UDP,
    /** An echo request. */
    ECHO
  }

  private final Kind kind;
  private final int link;
  private final Flow.Endpoints ends;
  final byte[] packet; // the packet itself, to be read again once it is taken

  Offer(Kind kind, int link, Flow.Endpoints ends, byte[] packet) {
    this.kind = kind;
    this.link = link;
    this.ends = ends;
    this.packet = packet;
  }

  /** What is offered. */
  public Kind kind() {
    return kind;
  }

  /** The peer it came from. */
  public int link() {
    return link;
  }

  /** Where it wants to go. */
  public IpAddress destination() {
    return ends.local();
  }

  /** The port it wants to go to; of an echo, its identifier. */
  public int destinationPort() {
    return ends.localPort();
  }

  /** Where it comes from. */
  public IpAddress source() {
    return ends.remote();
  }

  /** The port it comes from; of an echo, its sequence number. */
  public int sourcePort() {
    return ends.remotePort();
  }

  Flow.Endpoints ends() {
    return ends;
  }
}

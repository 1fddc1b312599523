package io.vpc4j.mesh.netstack;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.IpAddress.Family;
import io.vpc4j.mesh.netstack.ip.IpWriter;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One conversation, between two addresses and two ports over one link. Confined to the loop.
 *
 * <p>A flow that has something for its owner is given out by {@link Netstack#pollReady}; one that
 * nobody owns is looked after by the stack.
 */
public abstract class Flow {

  final Netstack stack;
  final int link;
  final int protocol;
  final boolean v6;
  final long localHigh;
  final long localLow;
  final int localPort;
  final long remoteHigh;
  final long remoteLow;
  final int remotePort;
  final IpWriter ip;

  private @Nullable Object owner;

  // The stack's: which of its queues the flow is in.
  boolean inReady;
  boolean inSending;
  int heapIndex = -1;
  long wakeNs = Long.MAX_VALUE;

  Flow(Netstack stack, int link, int protocol, Endpoints ends) {
    this.stack = stack;
    this.link = link;
    this.protocol = protocol;
    v6 = ends.local().family() == Family.V6;
    localHigh = ends.local().high();
    localLow = ends.local().low();
    localPort = ends.localPort();
    remoteHigh = ends.remote().high();
    remoteLow = ends.remote().low();
    remotePort = ends.remotePort();
    ip = new IpWriter(v6, localHigh, localLow, remoteHigh, remoteLow);
  }

  /**
   * Who talks to whom.
   *
   * @param local one of our addresses, or one that a node answers for
   * @param localPort its port, or an echo's identifier
   * @param remote of the same family
   * @param remotePort its port, or an echo's sequence number
   */
  public record Endpoints(IpAddress local, int localPort, IpAddress remote, int remotePort) {}

  /** Writes the next packet at the position of {@code packet}, if there is one. */
  abstract boolean pollPacket(ByteBuffer packet, long nowNs);

  /** Time has passed. */
  abstract void onTime(long nowNs);

  /** When {@link #onTime} is wanted, or {@link Long#MAX_VALUE}. */
  abstract long deadlineNs();

  /** Nobody owns it: it looks after itself. */
  abstract void onReadyUnowned(long nowNs);

  /** Whether it is over and may be forgotten, once it has nothing to send. */
  abstract boolean over();

  /** The link is gone, and everything with it. */
  abstract void onLinkDown(long nowNs);

  // ---- facts -----------------------------------------------------------------------------------

  /** Who is told of what happens; null if nobody is. */
  public @Nullable Object owner() {
    return owner;
  }

  /** Names who is told, or null: the stack then looks after what is left of it. */
  public void owner(@Nullable Object newOwner) {
    owner = newOwner;
    stack.ready(this);
  }

  /** The peer it goes by. */
  public int link() {
    return link;
  }

  /** Our address. */
  public IpAddress local() {
    return new IpAddress(v6 ? Family.V6 : Family.V4, localHigh, localLow);
  }

  /** Our port. */
  public int localPort() {
    return localPort;
  }

  /** The other end's address. */
  public IpAddress remote() {
    return new IpAddress(v6 ? Family.V6 : Family.V4, remoteHigh, remoteLow);
  }

  /** The other end's port. */
  public int remotePort() {
    return remotePort;
  }
}

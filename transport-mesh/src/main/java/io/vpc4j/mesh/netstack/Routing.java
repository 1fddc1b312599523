package io.vpc4j.mesh.netstack;

import io.vpc4j.core.net.IpAddress;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the stack must be told of the mesh around it. Asked on the loop, for packets and flows;
 * implementations look up and do not wait.
 */
public interface Routing {

  /** No link leads there. */
  int NONE = -1;

  /** Whether a packet to this address is for us. */
  boolean local(boolean v6, long high, long low);

  /**
   * Whether we stand in for this address: flows to it end in this stack and go on as the owner of
   * {@link Netstack#pollOffer} sees fit.
   *
   * @param link where the packet came from
   */
  boolean announced(int link, boolean v6, long high, long low);

  /** The link that packets to this address leave by, or {@link #NONE}. */
  int link(boolean v6, long high, long low);

  /**
   * The link that a packet of somebody else's leaves by, or {@link #NONE}: of several that lead
   * there, the same one for all packets of a flow.
   *
   * @param flow a hash of the flow; asked for if it matters
   * @param nowNs the time, by which a flow is told that is over
   */
  int onward(boolean v6, long high, long low, LongSupplier flow, long nowNs);

  /**
   * Whether a packet that came by one link may leave by another: this node as a hub.
   *
   * @param from where it came from
   * @param to where it would go
   */
  boolean forwards(int from, int to, boolean v6, long high, long low);

  /**
   * The address of ours to speak of a packet from: to answer with an error, or to connect from.
   *
   * @return null if we have none of that family
   */
  @Nullable IpAddress localAddress(boolean v6);
}

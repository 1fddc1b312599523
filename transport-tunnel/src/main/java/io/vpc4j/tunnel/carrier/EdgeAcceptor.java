package io.vpc4j.tunnel.carrier;

/** Takes the connections that an {@link EdgeListener} accepts. */
@FunctionalInterface
public interface EdgeAcceptor {

  /**
   * A connector, or somebody who may become one, has finished the handshake. Called on the
   * carrier's loop, before any other event of it.
   *
   * @return who is told what happens on it
   */
  EdgeCarrierListener accept(EdgeCarrier carrier);
}

import org.jspecify.annotations.NullMarked;

/**
 * The simulated network: {@code vpc_networks} offline, with faults on demand.
 *
 * <p>Exports nothing. The only way in is the provider below; what exists in the network is in the
 * directory's {@code loopback} section. Whatever is not there does not exist: nothing is ever
 * dialled for it.
 */
@NullMarked
module io.vpc4j.transport.loopback {
  requires io.netty.handler; // TLS, for the fault that shows a bad certificate
  requires io.vpc4j.core;
  requires static org.jspecify;

  provides io.vpc4j.core.spi.TransportProvider with
      io.vpc4j.transport.loopback.LoopbackTransportProvider;
}

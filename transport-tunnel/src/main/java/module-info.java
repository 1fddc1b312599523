import org.jspecify.annotations.NullMarked;

/**
 * Both ends of the protocol of {@code cloudflared}: the edge that unmodified connectors dial, and a
 * connector that dials any such edge.
 *
 * <p>Exports the one package that starts the two ends. A binding finds the edge through the
 * provider below.
 */
@NullMarked
module io.vpc4j.transport.tunnel {
  requires transitive io.vpc4j.core;
  requires io.netty.codec;
  requires io.netty.codec.classes.quic;
  requires io.netty.codec.dns;
  requires io.netty.codec.http;
  requires io.netty.codec.http2;
  requires io.netty.handler;
  requires org.bouncycastle.pkix;
  requires org.bouncycastle.provider;
  requires org.slf4j;
  requires org.snakeyaml.engine;
  requires tools.jackson.core;
  requires static io.netty.transport.classes.epoll;
  requires static io.netty.transport.unix.common;
  requires static org.jspecify;

  exports io.vpc4j.tunnel;

  provides io.vpc4j.core.spi.TransportProvider with
      io.vpc4j.tunnel.TunnelTransportProvider;

  uses io.vpc4j.tunnel.TunnelTracing;
}

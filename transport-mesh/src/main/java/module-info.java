import org.jspecify.annotations.NullMarked;

/**
 * A mesh node in user space: WireGuard outside, a small TCP/IP stack inside.
 *
 * <p>Exports the one package that starts a node. A binding finds the mesh through the provider
 * below.
 */
@NullMarked
module io.vpc4j.transport.mesh {
  requires io.netty.codec.dns;
  requires io.vpc4j.core;
  requires org.bouncycastle.provider;
  requires org.slf4j;
  requires static io.netty.transport.classes.epoll;
  requires static io.netty.transport.unix.common;
  requires static org.jspecify;

  exports io.vpc4j.mesh;

  provides io.vpc4j.core.spi.TransportProvider with
      io.vpc4j.mesh.MeshTransportProvider;
}

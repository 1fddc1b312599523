import org.jspecify.annotations.NullMarked;

/**
 * The engine room: configuration, the directory, routing, the fetch engine, and the SPI and toolbox
 * that transports are built from.
 *
 * <p>Knows transports only as {@link io.vpc4j.core.spi.TransportProvider}. The exported packages
 * are for transports and for tests of them; the compatibility promise covers {@code io.vpc4j.api}
 * alone.
 *
 * <p>Jackson's databind and the epoll classes are accelerators and conveniences: used where the
 * application has them, never needed.
 */
@NullMarked
module io.vpc4j.core {
  requires transitive io.netty.buffer;
  requires transitive io.netty.common;
  requires transitive io.netty.resolver;
  requires transitive io.netty.transport;
  requires transitive io.vpc4j.api;
  requires io.netty.codec;
  requires io.netty.codec.compression;
  requires io.netty.codec.http;
  requires io.netty.codec.http2;
  requires io.netty.codec.socks;
  requires io.netty.handler;
  requires org.slf4j;
  requires tools.jackson.core;
  requires static io.netty.transport.classes.epoll;
  requires static io.netty.transport.unix.common;
  requires static transitive org.jspecify;
  requires static tools.jackson.databind;

  exports io.vpc4j.core.config.directory;
  exports io.vpc4j.core.config.edit;
  exports io.vpc4j.core.directory;
  exports io.vpc4j.core.net;
  exports io.vpc4j.core.netty;
  exports io.vpc4j.core.ops;
  exports io.vpc4j.core.routing;
  exports io.vpc4j.core.runtime;
  exports io.vpc4j.core.spi;

  provides io.vpc4j.spi.JsonBinding with
      io.vpc4j.core.json.JacksonBinding;
  provides io.vpc4j.spi.RuntimeProvider with
      io.vpc4j.core.runtime.CoreRuntimeProvider;

  uses io.vpc4j.core.spi.TransportProvider;
  uses io.vpc4j.spi.JsonBinding;
}

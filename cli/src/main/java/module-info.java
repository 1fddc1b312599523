import org.jspecify.annotations.NullMarked;

/**
 * The {@code vpc4j} command: try a binding, fetch through it, see why it goes where it goes.
 *
 * <p>Uses the library as any application does: bindings find the transports on the path. It
 * requires the two whose servers it can start, an edge, a connector and a mesh node, as an
 * application that starts one would.
 */
@NullMarked
module io.vpc4j.cli {
  requires info.picocli;
  requires io.nayuki.qrcodegen;
  requires io.vpc4j.api;
  requires io.vpc4j.core;
  requires io.vpc4j.transport.mesh;
  requires io.vpc4j.transport.tunnel;
  requires jdk.httpserver; // the demo's private services
  requires org.slf4j;
  requires static org.jspecify;

  exports io.vpc4j.cli;

  opens io.vpc4j.cli to
      info.picocli;
}

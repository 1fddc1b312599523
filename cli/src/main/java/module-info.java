import org.jspecify.annotations.NullMarked;

/**
 * The {@code vpc4j} command: try a binding, fetch through it, see why it goes where it goes.
 *
 * <p>Uses the library as any application does. Requires no transport: those on the path are found.
 */
@NullMarked
module io.vpc4j.cli {
  requires info.picocli;
  requires io.vpc4j.api;
  requires io.vpc4j.core;
  requires jdk.httpserver; // the demo's private services
  requires org.slf4j;
  requires static org.jspecify;

  exports io.vpc4j.cli;

  opens io.vpc4j.cli to
      info.picocli;
}

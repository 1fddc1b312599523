import org.jspecify.annotations.NullMarked;

/**
 * For tests: what a transport must pass, and a simulated network for JUnit.
 *
 * <p>No transport is required here: those under test bring themselves, and the simulated network's
 * is found like any other. For test scope alone; nothing that ships may require this.
 */
@NullMarked
module io.vpc4j.testkit {
  requires transitive io.netty.buffer;
  requires transitive io.netty.transport;
  requires transitive io.vpc4j.api;
  requires transitive io.vpc4j.core;
  requires transitive org.junit.jupiter.api;
  requires io.netty.codec;
  requires io.netty.codec.http;
  requires io.netty.common;
  requires static transitive org.jspecify;

  exports io.vpc4j.testkit;

  opens io.vpc4j.testkit to
      org.junit
          .platform
          .commons; // the contract's steps are not public; a test extends it from its own module
}

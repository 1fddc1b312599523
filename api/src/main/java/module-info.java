import org.jspecify.annotations.NullMarked;

/**
 * What an application sees: bindings, {@code fetch}, and the values that go in and come out.
 *
 * <p>The only module an application compiles against. It holds values and contracts and no protocol
 * code: whatever needs a socket, a thread or a clock is in the wrong module here. It needs the JDK
 * alone; {@code java.net.http} is required for its {@link java.net.http.WebSocket} interface, not
 * for its client.
 */
@NullMarked
module io.vpc4j.api {
  requires transitive java.net.http;
  requires static transitive org.jspecify;

  exports io.vpc4j;
  exports io.vpc4j.spi;

  uses io.vpc4j.spi.JsonBinding; // Response.json(Class), where a binding is installed
  uses io.vpc4j.spi.RuntimeProvider; // the one door through which the API finds its engine
}

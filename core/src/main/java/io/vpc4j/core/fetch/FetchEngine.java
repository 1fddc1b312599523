package io.vpc4j.core.fetch;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.concurrent.Future;
import io.vpc4j.ErrorCode;
import io.vpc4j.Limits;
import io.vpc4j.Request;
import io.vpc4j.Request.ContentDecoding;
import io.vpc4j.Response;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.fetch.body.Uploads;
import io.vpc4j.core.fetch.exchange.ContentDecoder;
import io.vpc4j.core.fetch.exchange.ResponseHead;
import io.vpc4j.core.fetch.pool.ConnectionPool;
import io.vpc4j.core.fetch.pool.Sweeper;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.core.routing.Route;
import io.vpc4j.core.routing.Routes;
import io.vpc4j.core.spi.Dial;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Fetches for one binding.
 *
 * <p>The way of a fetch, and where it is written:
 *
 * <ol>
 *   <li>{@link #fetch}: refused on an event loop, after close, over the rate;
 *   <li>{@code Call.send}: the route, from the newest snapshot; nothing has been dialled if there
 *       is none;
 *   <li>{@link ConnectionPool#poll}: a connection that is open, or
 *   <li>{@link ConnectionPool#await}, {@code Dialer}, {@code ChannelDial}: resolve at the far end,
 *       policy for every address, connect (RFC 8305), TLS, codec;
 *   <li>{@code Attempt.onConnection}: the policy again if it has changed, and off to the event
 *       loop;
 *   <li>{@code Http1Connection.begin} or HTTP/2's: the request goes out;
 *   <li>{@code Attempt.onHead}: a redirect goes back to 2, anything else is the response;
 *   <li>{@code Call.complete}: the caller is unparked, or the future completes.
 * </ol>
 *
 * <p><b>Threads.</b> Safe for use by many. The blocking {@link #fetch} parks its caller and holds
 * no monitor. No application code runs on an event loop.
 *
 * <p><b>Failure.</b> One {@link VpcException}, placed, for whatever goes wrong.
 */
public final class FetchEngine implements AutoCloseable {

  /** Between two sweeps: how late a time-out of the limits may be noticed. */
  private static final long SWEEP_NS = TimeUnit.MILLISECONDS.toNanos(100);

  private final String binding;
  private final Routes routes;
  private final Supplier<Limits> limits;
  private final EngineParts parts;
  private final Sweeper sweeper;
  private final Dialer dialer;
  private final RawDials rawDials;
  private final ConnectionPool pool;
  private final Uploads uploads;
  private final RateLimit rate;
  private final Counters counters = new Counters();
  private volatile boolean closed;

  /**
   * An engine without connections.
   *
   * @param binding the binding's name, for messages
   * @param routes asked for every request and every redirect
   * @param limits asked for every request; may change
   */
  public FetchEngine(String binding, Routes routes, Supplier<Limits> limits, EngineParts parts) {
    this.binding = binding;
    this.routes = routes;
    this.limits = limits;
    this.parts = parts;
    sweeper = new Sweeper(parts.eventLoops().group().next(), parts.ticker(), SWEEP_NS);
    var tools =
        new Dialer.Tools(
            parts.transports(), parts.eventLoops(), sweeper, parts.ticker(), parts.blocking());
    dialer = new Dialer(tools, parts.protocols(), limits);
    rawDials = new RawDials(tools, parts.protocols(), limits);
    pool = new ConnectionPool(limits, dialer, sweeper, parts.ticker());
    uploads = new Uploads(parts.blocking(), parts.application());
    rate = new RateLimit(parts.ticker().nowNs());
  }

  // ---- what the runtime calls

  /**
   * Sends a request and waits for the head of its response. An interrupt aborts it; the flag stays
   * set.
   *
   * @throws VpcException if there is no response
   * @throws IllegalStateException on one of this library's event loops, and after {@link #close}
   */
  public Response fetch(Request request) throws VpcException {
    refuseOnLoop();
    return admitted(request).await();
  }

  /**
   * Sends a request. The future completes on the application's executor; cancelling it aborts the
   * exchange wherever it stands.
   *
   * @throws IllegalStateException after {@link #close}
   */
  public CompletableFuture<Response> fetchAsync(Request request) {
    try {
      return admitted(request).begin();
    } catch (VpcException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Opens a raw connection.
   *
   * @param route where to, from {@link Routes#connect}
   * @param tlsServerName what the certificate must match; null for plain octets
   * @param timeout from now to an accepted connection, TLS included
   * @param initializer added to the pipeline, behind TLS, before any octet is read; used once for
   *     each address that is tried
   * @return completes on an event loop; cancelling gives the dial up
   */
  public Future<Channel> connect(
      Route route,
      @Nullable String tlsServerName,
      Duration timeout,
      Supplier<ChannelHandler> initializer) {
    requireOpen();
    return rawDials.connect(Dial.Kind.STREAM, route, tlsServerName, timeout, initializer);
  }

  /**
   * A channel of datagrams to one destination, as a transport makes it. Any thread; the future
   * fails with a {@link VpcException}, among others if the transport carries none.
   */
  public Future<Channel> datagrams(
      Route route, Duration timeout, Supplier<ChannelHandler> initializer) {
    requireOpen();
    return rawDials.connect(Dial.Kind.DATAGRAM, route, null, timeout, initializer);
  }

  /**
   * Speaks TLS on a raw connection that has spoken plainly until now.
   *
   * @param channel with nothing left in its pipeline and auto-read off
   * @param route what it was made with
   * @param serverName what the certificate must match
   * @param timeout for the handshake
   * @param initializer added behind TLS, before any octet is read
   * @return completes on an event loop with {@code channel}, which is closed if it fails;
   *     cancelling closes it as well
   */
  public Future<Channel> secure(
      Channel channel,
      Route route,
      String serverName,
      Duration timeout,
      Supplier<ChannelHandler> initializer) {
    requireOpen();
    return rawDials.secure(channel, route, serverName, timeout, initializer);
  }

  /** The address that a raw connection was dialled to; null before it is known. */
  public static @Nullable IpAddress dialled(Channel channel) {
    return channel.attr(RawDials.DIALLED).get();
  }

  /** Whether a raw connection's output can end before its input; its transport says so. */
  public static boolean halfCloses(Channel channel) {
    return !Boolean.FALSE.equals(channel.attr(RawDials.HALF_CLOSES).get());
  }

  /** The loops that connections are made on. */
  public EventLoopGroup loops() {
    return parts.eventLoops().group();
  }

  /** How it stands. */
  public EngineStats stats() {
    return counters.stats(pool.stats());
  }

  /** Ends it: requests under way fail with {@code REQUEST_ABORTED}. May be called again. */
  @Override
  public void close() {
    closed = true;
    rawDials.close();
    pool.close();
  }

  // ---- for the rest of the package

  private Call admitted(Request request) throws VpcException {
    requireOpen();
    var bounds = limits.get();
    var call = new Call(this, request);
    counters.begun.increment();
    if (!rate.take(bounds.maxRequestsPerSecond(), parts.ticker().nowNs())) {
      counters.rateLimited.increment();
      counters.failed(ErrorCode.RATE_LIMITED);
      throw call.place(
          new VpcException(
              ErrorCode.RATE_LIMITED,
              Stage.ROUTE,
              "The binding \""
                  + binding
                  + "\" may send "
                  + bounds.maxRequestsPerSecond()
                  + " requests a second."),
          null);
    }
    return call;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the Vpc of the binding \"" + binding + "\" is closed");
    }
  }

  /**
   * A caller that waited on an event loop would wait for itself.
   *
   * @throws IllegalStateException on one of this library's event loops
   */
  public void refuseOnLoop() {
    if (Thread.currentThread() instanceof FastThreadLocalThread) {
      for (var loop : parts.eventLoops().group()) {
        if (loop.inEventLoop()) {
          throw new IllegalStateException(
              "a blocking call on an event loop of vpc4j; use the async methods there");
        }
      }
    }
  }

  @Nullable ContentDecoder decoderFor(Call call, String method, ResponseHead head) {
    var status = head.status();
    return call.decoding() == ContentDecoding.KEEP
            || method.equals("HEAD")
            || status == 204
            || status == 205
            || status == 304
        ? null
        : parts.protocols().decoders().decoderFor(head.headers());
  }

  Routes routes() {
    return routes;
  }

  Limits limits() {
    return limits.get();
  }

  EngineParts parts() {
    return parts;
  }

  Ticker ticker() {
    return parts.ticker();
  }

  Sweeper sweeper() {
    return sweeper;
  }

  ConnectionPool pool() {
    return pool;
  }

  Uploads uploads() {
    return uploads;
  }

  Counters counters() {
    return counters;
  }
}

package io.vpc4j.core.client;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import io.vpc4j.ConnectOptions;
import io.vpc4j.ConnectOptions.SecureTransport;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcChannel;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.VpcSocket;
import io.vpc4j.core.fetch.FetchEngine;
import io.vpc4j.core.routing.Route;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * The sockets and channels of one binding.
 *
 * <p>Safe for use by many threads.
 */
public final class RawConnections {

  /** A binding, for those in this module who make connections of its connections. */
  @FunctionalInterface
  public interface Owner {
    /** What connects through it. */
    RawConnections connections();
  }

  /** Where a connection to a host and port goes, by the newest snapshot. */
  @FunctionalInterface
  public interface Ways {
    /**
     * The route.
     *
     * @throws VpcException no route, or denied
     */
    Route to(String host, int port) throws VpcException;
  }

  private final FetchEngine engine;
  private final Ways ways;
  private final Executor application;

  /**
   * Makes connections with {@code engine}.
   *
   * @param application where futures and the operations of channels complete
   */
  public RawConnections(FetchEngine engine, Ways ways, Executor application) {
    this.engine = engine;
    this.ways = ways;
    this.application = application;
  }

  /**
   * Dials and waits.
   *
   * @param host as it was asked for: without brackets
   */
  public VpcSocket connect(String host, int port, ConnectOptions options) throws VpcException {
    var route = ways.to(host, port);
    var channel = dial(route, named(host, route), options, ChannelSocket::newHandler);
    try {
      return new ChannelSocket(link(channel, route, named(host, route), options));
    } catch (SocketException e) {
      channel.close();
      throw internal(e);
    }
  }

  /** Dials; does not wait. */
  public CompletableFuture<VpcChannel> open(String host, int port, ConnectOptions options) {
    if (options.secureTransport() == SecureTransport.STARTTLS) {
      throw new IllegalArgumentException(
          "secureTransport starttls is for sockets: a channel has TLS from the start or not at all");
    }
    Route route;
    try {
      route = ways.to(host, port);
    } catch (VpcException e) {
      return CompletableFuture.failedFuture(e);
    }
    var asked = named(host, route);
    var dialling =
        engine.connect(
            route,
            options.secureTransport() == SecureTransport.ON ? asked : null,
            options.timeout(),
            () -> new StreamChannel(application));
    var promised = new Opening(dialling);
    dialling.addListener(
        (Future<Channel> done) ->
            onApplication(application, () -> promised.settle(done, asked, route.port())));
    return promised;
  }

  /**
   * Dials for somebody who has a handler of their own, and does not wait. Any thread.
   *
   * @param host as it was asked for; for a service the record decides
   * @param timeout from now to an accepted connection
   * @param handlers one for each address that is tried, last in the pipeline before its first event
   * @return completes on an event loop, or fails with a {@link VpcException}; cancelling gives up
   * @throws VpcException no route, or denied
   */
  public Future<Channel> dial(
      String host, int port, Duration timeout, Supplier<ChannelHandler> handlers)
      throws VpcException {
    return engine.connect(ways.to(host, port), null, timeout, handlers);
  }

  /** The loops that transports make channels on. */
  public EventLoopGroup loops() {
    return engine.loops();
  }

  /** Makes sockets that connect through the binding. */
  public SocketFactory socketFactory() {
    return new BindingSocketFactory(this);
  }

  /** For a service the record decides, and names what is asked for. */
  private static String named(String host, Route route) {
    return host.isEmpty() ? route.host() : host;
  }

  /** A socket that is not connected yet connects. */
  ChannelSocket.Link connectLate(String host, int port, Duration timeout) throws VpcException {
    var options = ConnectOptions.defaults().withTimeout(timeout);
    var route = ways.to(host, port);
    var channel = dial(route, named(host, route), options, ChannelSocket::newHandler);
    return link(channel, route, named(host, route), options);
  }

  private Channel dial(
      Route route, String host, ConnectOptions options, Supplier<ChannelHandler> handlers)
      throws VpcException {
    engine.refuseOnLoop();
    return await(
        engine.connect(
            route,
            options.secureTransport() == SecureTransport.ON ? host : null,
            options.timeout(),
            handlers));
  }

  private ChannelSocket.Link link(
      Channel channel, Route route, String host, ConnectOptions options) {
    ChannelSocket.@Nullable Securing securing =
        options.secureTransport() == SecureTransport.STARTTLS
            ? (open, pipe, serverName) -> secure(open, pipe, route, serverName, options.timeout())
            : null;
    return new ChannelSocket.Link(remote(host, route.port(), channel), channel, securing);
  }

  private void secure(
      Channel open, BlockingPipe pipe, Route route, String serverName, Duration timeout)
      throws VpcException {
    engine.refuseOnLoop();
    // In one task of the loop: no octet can come between the one handler and the other.
    var begun =
        open.eventLoop()
            .submit(
                () ->
                    pipe.leave()
                        ? engine.secure(open, route, serverName, timeout, ChannelSocket::newHandler)
                        : open.eventLoop().<Channel>newFailedFuture(plainOctets()));
    try {
      await(begun.get());
    } catch (ExecutionException e) {
      pipe.close();
      throw internal(e.getCause());
    } catch (InterruptedException e) {
      pipe.close();
      throw interrupted(e);
    } catch (VpcException e) {
      pipe.close();
      open.close();
      throw e;
    }
  }

  private static VpcException plainOctets() {
    return new VpcException(
        ErrorCode.TLS_PROTOCOL_ERROR,
        Stage.TLS,
        "Octets came before TLS was begun and were not read: they may be anybody's. Read the"
            + " answer to the end before startTls().");
  }

  /** The name as asked for with the address that the far end knows it by. */
  public static InetSocketAddress remote(String host, int port, Channel channel) {
    var address = FetchEngine.dialled(channel);
    if (address == null) {
      return InetSocketAddress.createUnresolved(host, port);
    }
    try {
      return new InetSocketAddress(InetAddress.getByAddress(host, address.octets()), port);
    } catch (UnknownHostException e) {
      throw new AssertionError("an address has 4 or 16 octets", e);
    }
  }

  private static Channel await(Future<Channel> dialling) throws VpcException {
    try {
      return dialling.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof VpcException failure) {
        failure.fillInStackTrace(); // the caller's, not a loop's
        throw failure;
      }
      throw internal(e.getCause());
    } catch (InterruptedException e) {
      dialling.cancel(true);
      throw interrupted(e);
    }
  }

  private static VpcException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new VpcException(
        ErrorCode.REQUEST_ABORTED, Stage.CONNECT, "The thread was interrupted.", e);
  }

  private static VpcException internal(@Nullable Throwable cause) {
    return new VpcException(
        ErrorCode.PROXY_INTERNAL_ERROR, Stage.CONNECT, "Connecting failed: " + cause, cause);
  }

  /** Runs {@code task} there; late is better than never, and not on the loop. */
  static void onApplication(Executor application, Runnable task) {
    try {
      application.execute(task);
    } catch (RejectedExecutionException e) {
      ForkJoinPool.commonPool().execute(task);
    }
  }

  /** A channel to come, whose cancellation gives up the dial. */
  private static final class Opening extends CompletableFuture<VpcChannel> {
    private final Future<Channel> dialling;

    Opening(Future<Channel> dialling) {
      this.dialling = dialling;
    }

    void settle(Future<Channel> done, String host, int port) {
      if (done.isSuccess()) {
        var channel = StreamChannel.of(done.getNow(), remote(host, port, done.getNow()));
        if (!complete(channel)) {
          channel.close();
        }
      } else if (done.cause() instanceof VpcException failure) {
        completeExceptionally(failure);
      } else {
        completeExceptionally(internal(done.cause()));
      }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      var cancelled = super.cancel(mayInterruptIfRunning);
      if (cancelled) {
        dialling.cancel(true);
      }
      return cancelled;
    }
  }
}

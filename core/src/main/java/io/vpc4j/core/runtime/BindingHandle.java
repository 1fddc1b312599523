package io.vpc4j.core.runtime;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import io.vpc4j.ConnectAddress;
import io.vpc4j.ConnectOptions;
import io.vpc4j.ConnectOptions.SecureTransport;
import io.vpc4j.ErrorCode;
import io.vpc4j.Explanation;
import io.vpc4j.Fetcher;
import io.vpc4j.NetworkTarget;
import io.vpc4j.Request;
import io.vpc4j.Response;
import io.vpc4j.Url;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.VpcNetwork;
import io.vpc4j.VpcService;
import io.vpc4j.core.client.ChannelSocket;
import io.vpc4j.core.entrance.Way;
import io.vpc4j.core.fetch.FetchEngine;
import io.vpc4j.core.routing.BindingSpec;
import io.vpc4j.core.routing.Route;
import io.vpc4j.core.routing.Routes;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the application holds of a binding: its name, its routes, its engine. */
abstract sealed class BindingHandle implements Fetcher {

  private final String name;
  private final Routes routes;
  private final FetchEngine engine;

  private BindingHandle(String name, Routes routes, FetchEngine engine) {
    this.name = name;
    this.routes = routes;
    this.engine = engine;
  }

  static BindingHandle of(
      BindingSpec spec, Routes routes, FetchEngine engine, Listening listening) {
    return spec instanceof BindingSpec.Network network
        ? new NetworkHandle(network, routes, engine, listening)
        : new ServiceHandle((BindingSpec.Service) spec, routes, engine);
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final Response fetch(Request request) throws VpcException {
    return engine.fetch(request);
  }

  @Override
  public final CompletableFuture<Response> fetchAsync(Request request) {
    return engine.fetchAsync(request);
  }

  @Override
  public final Explanation explain(String url) {
    return routes.explain(Url.parse(url));
  }

  final Routes routes() {
    return routes;
  }

  /** What an entrance dials through. */
  final Way way() {
    return new Way() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Future<Channel> connect(
          String host, int port, Duration timeout, Supplier<ChannelHandler> initializer)
          throws VpcException {
        return engine.connect(routes.connect(host, port), null, timeout, initializer);
      }

      @Override
      public Future<Channel> connect(
          Url url, Duration timeout, Supplier<ChannelHandler> initializer) throws VpcException {
        return engine.connect(
            routes.fetch(url), url.secure() ? url.host() : null, timeout, initializer);
      }
    };
  }

  final void close() {
    engine.close();
  }

  /** Dials, waits, and makes a socket of it. */
  final Socket socket(Route route, String host, ConnectOptions options) throws VpcException {
    var dialling =
        engine.connect(
            route,
            options.secureTransport() == SecureTransport.ON ? host : null,
            options.timeout(),
            ChannelSocket::newHandler);
    try {
      Channel channel = dialling.get();
      return new ChannelSocket(host, route.port(), channel);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof VpcException failure) {
        failure.setStackTrace(Thread.currentThread().getStackTrace()); // the caller's, not a loop's
        throw failure;
      }
      throw internal(e.getCause());
    } catch (InterruptedException e) {
      dialling.cancel(true);
      Thread.currentThread().interrupt();
      throw new VpcException(
          ErrorCode.REQUEST_ABORTED, Stage.CONNECT, "The thread was interrupted.", e);
    } catch (SocketException e) {
      throw internal(e);
    }
  }

  private static VpcException internal(@Nullable Throwable cause) {
    return new VpcException(
        ErrorCode.PROXY_INTERNAL_ERROR, Stage.CONNECT, "Connecting failed: " + cause, cause);
  }

  /** A {@code vpc_networks} binding. */
  private static final class NetworkHandle extends BindingHandle implements VpcNetwork {
    private final BindingSpec.Network spec;
    private final NetworkTarget target;
    private final Listening listening;

    NetworkHandle(
        BindingSpec.Network spec, Routes routes, FetchEngine engine, Listening listening) {
      super(spec.name(), routes, engine);
      this.spec = spec;
      this.listening = listening;
      target = spec.target();
    }

    @Override
    public ServerSocket listen(int port, int backlog) throws VpcException {
      return listening.open(spec, port, backlog);
    }

    @Override
    public NetworkTarget target() {
      return target;
    }

    @Override
    public Socket connect(String address, ConnectOptions options) throws VpcException {
      var to = ConnectAddress.parse(address);
      return socket(routes().connect(to.host(), to.port()), to.host(), options);
    }

    @Override
    public String toString() {
      return "VpcNetwork[" + name() + ", " + target + "]";
    }
  }

  /** A {@code vpc_services} binding. */
  private static final class ServiceHandle extends BindingHandle implements VpcService {
    private final String serviceId;

    ServiceHandle(BindingSpec.Service spec, Routes routes, FetchEngine engine) {
      super(spec.name(), routes, engine);
      serviceId = spec.serviceId();
    }

    @Override
    public String serviceId() {
      return serviceId;
    }

    @Override
    public Socket connect(ConnectOptions options) throws VpcException {
      var route = routes().connect("", 0); // the record decides
      return socket(route, route.host(), options);
    }

    @Override
    public String toString() {
      return "VpcService[" + name() + ", " + serviceId + "]";
    }
  }
}

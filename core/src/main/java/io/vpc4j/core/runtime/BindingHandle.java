package io.vpc4j.core.runtime;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import io.vpc4j.ConnectAddress;
import io.vpc4j.ConnectOptions;
import io.vpc4j.Explanation;
import io.vpc4j.Fetcher;
import io.vpc4j.NetworkTarget;
import io.vpc4j.Request;
import io.vpc4j.Response;
import io.vpc4j.Url;
import io.vpc4j.VpcChannel;
import io.vpc4j.VpcException;
import io.vpc4j.VpcNetwork;
import io.vpc4j.VpcService;
import io.vpc4j.VpcSocket;
import io.vpc4j.core.client.RawConnections;
import io.vpc4j.core.client.http.FetchHttpClientBuilder;
import io.vpc4j.core.entrance.Way;
import io.vpc4j.core.fetch.FetchEngine;
import io.vpc4j.core.routing.BindingRoutes;
import io.vpc4j.core.routing.BindingSpec;
import io.vpc4j.core.routing.Routes;
import io.vpc4j.core.spi.NextHop;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import javax.net.SocketFactory;

/** What the application holds of a binding: its name, its routes, its engine. */
abstract sealed class BindingHandle implements Fetcher, RawConnections.Owner {

  private final String name;
  private final Routes routes;
  private final FetchEngine engine;

  private final Executor application;
  private final RawConnections connections;

  private BindingHandle(String name, Routes routes, FetchEngine engine, Executor application) {
    this.name = name;
    this.routes = routes;
    this.engine = engine;
    this.application = application;
    connections = new RawConnections(engine, routes::connect, application);
  }

  /**
   * The binding of that record.
   *
   * @param application where futures complete
   */
  static BindingHandle of(
      BindingSpec spec,
      Routes routes,
      FetchEngine engine,
      Executor application,
      Listening listening) {
    return spec instanceof BindingSpec.Network network
        ? new NetworkHandle(network, routes, engine, application, listening)
        : new ServiceHandle((BindingSpec.Service) spec, routes, engine, application);
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

  /** The one hop that everything goes through; empty if there may be several, or none. */
  Optional<NextHop> hop() {
    return Optional.empty();
  }

  final Routes routes() {
    return routes;
  }

  /**
   * What an entrance dials through.
   *
   * @param carriesDatagrams whether any datagram can pass; never blocks
   */
  final Way way(BooleanSupplier carriesDatagrams) {
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
      public Future<Channel> datagrams(
          String host, int port, Duration timeout, Supplier<ChannelHandler> initializer)
          throws VpcException {
        return engine.datagrams(routes.connect(host, port), timeout, initializer);
      }

      @Override
      public boolean carriesDatagrams() {
        return carriesDatagrams.getAsBoolean();
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

  @Override
  public final RawConnections connections() {
    return connections;
  }

  @Override
  public final HttpClient.Builder httpClientBuilder() {
    return new FetchHttpClientBuilder(this, application);
  }

  @Override
  public final SocketFactory socketFactory() {
    return connections.socketFactory();
  }

  /** A {@code vpc_networks} binding. */
  private static final class NetworkHandle extends BindingHandle implements VpcNetwork {
    private final BindingSpec.Network spec;
    private final NetworkTarget target;
    private final boolean simulated;
    private final Listening listening;

    NetworkHandle(
        BindingSpec.Network spec,
        Routes routes,
        FetchEngine engine,
        Executor application,
        Listening listening) {
      super(spec.name(), routes, engine, application);
      this.spec = spec;
      this.listening = listening;
      target = spec.target();
      simulated = spec.simulated();
    }

    @Override
    Optional<NextHop> hop() {
      if (simulated) {
        return Optional.of(new NextHop.LocalHop(target.toString()));
      }
      return target instanceof NetworkTarget.Tunnel tunnel
          ? Optional.of(new NextHop.TunnelHop(tunnel.id()))
          : BindingRoutes.hopOf((NetworkTarget.Network) target);
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
    public VpcSocket connect(String host, int port, ConnectOptions options) throws VpcException {
      var to = new ConnectAddress(unbracketed(host), port);
      return connections().connect(to.host(), to.port(), options);
    }

    @Override
    public CompletableFuture<VpcChannel> openChannel(
        String host, int port, ConnectOptions options) {
      var to = new ConnectAddress(unbracketed(host), port);
      return connections().open(to.host(), to.port(), options);
    }

    private static String unbracketed(String host) {
      return host.startsWith("[") && host.endsWith("]")
          ? host.substring(1, host.length() - 1)
          : host;
    }

    @Override
    public String toString() {
      return "VpcNetwork[" + name() + ", " + target + "]";
    }
  }

  /** A {@code vpc_services} binding. */
  private static final class ServiceHandle extends BindingHandle implements VpcService {
    private final String serviceId;

    ServiceHandle(
        BindingSpec.Service spec, Routes routes, FetchEngine engine, Executor application) {
      super(spec.name(), routes, engine, application);
      serviceId = spec.serviceId();
    }

    @Override
    public String serviceId() {
      return serviceId;
    }

    @Override
    public VpcSocket connect(ConnectOptions options) throws VpcException {
      return connections().connect("", 0, options); // the record decides
    }

    @Override
    public CompletableFuture<VpcChannel> openChannel(ConnectOptions options) {
      return connections().open("", 0, options);
    }

    @Override
    public String toString() {
      return "VpcService[" + name() + ", " + serviceId + "]";
    }
  }
}

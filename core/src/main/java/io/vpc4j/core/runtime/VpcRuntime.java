package io.vpc4j.core.runtime;

import io.netty.buffer.PooledByteBufAllocator;
import io.vpc4j.ConnectAddress;
import io.vpc4j.Entrance;
import io.vpc4j.EntranceOptions;
import io.vpc4j.Fetcher;
import io.vpc4j.Limits;
import io.vpc4j.Problem;
import io.vpc4j.Vpc;
import io.vpc4j.VpcException;
import io.vpc4j.VpcNetwork;
import io.vpc4j.VpcService;
import io.vpc4j.core.entrance.EntranceServer;
import io.vpc4j.core.entrance.Way;
import io.vpc4j.core.fetch.EngineParts;
import io.vpc4j.core.fetch.FetchEngine;
import io.vpc4j.core.fetch.coding.ContentDecoders;
import io.vpc4j.core.fetch.exchange.Protocols;
import io.vpc4j.core.fetch.http2.NettyHttp2;
import io.vpc4j.core.fetch.tls.NettyTls;
import io.vpc4j.core.fetch.websocket.NettyWebSockets;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.core.ops.OpsServer;
import io.vpc4j.core.routing.BindingRoutes;
import io.vpc4j.core.spi.Transport.Capability;
import io.vpc4j.core.spi.TransportContext;
import io.vpc4j.core.spi.TransportProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An open {@link Vpc}: loops, transports, and an engine for each binding.
 *
 * <p>They start from the bottom and end from the top: bindings, transports, directory, loops.
 */
public final class VpcRuntime implements Vpc {

  private static final Logger LOG = LoggerFactory.getLogger(VpcRuntime.class);

  /** Threads that read files and blocking streams of request bodies: one for each such upload. */
  private static final int MAX_BLOCKING_THREADS = 4_096;

  private final List<Problem> warnings;
  private final AutoCloseable directory;
  private final EventLoops loops;
  private final Ticker ticker;
  private final ExecutorService blocking;
  private final InstalledTransports transports;
  private final Map<String, BindingHandle> bindings = new LinkedHashMap<>();
  private final Set<Entrance> entrances = ConcurrentHashMap.newKeySet();
  private final VpcStatus status;
  private volatile @Nullable OpsServer ops;
  private final AtomicBoolean closed = new AtomicBoolean();

  private VpcRuntime(RuntimePlan plan, List<TransportProvider> providers) {
    warnings = plan.warnings();
    directory = plan.directory();
    loops = EventLoops.open();
    blocking =
        new ThreadPoolExecutor(
            0,
            MAX_BLOCKING_THREADS,
            30,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              var thread = new Thread(task, "vpc4j-body");
              thread.setDaemon(true);
              return thread;
            });
    ticker = Ticker.system();
    transports =
        new InstalledTransports(
            providers,
            new TransportContext(plan.directory(), loops, PooledByteBufAllocator.DEFAULT, ticker));
    var protocols =
        new Protocols(
            new NettyTls(), new NettyHttp2(), new NettyWebSockets(), new ContentDecoders());
    var parts = new EngineParts(transports, loops, ticker, plan.application(), blocking, protocols);
    var listening = new Listening(transports, plan.directory(), ticker);
    var engines = new LinkedHashMap<String, FetchEngine>();
    var compiled = new BindingRoutes.Compiled(plan.directory());
    for (var spec : plan.bindings()) {
      var routes = new BindingRoutes(spec, compiled, transports::nameFor);
      Supplier<Limits> limits =
          () -> plan.directory().snapshot().binding(spec.name()).limits().orElse(plan.limits());
      var engine = new FetchEngine(spec.name(), routes, limits, parts);
      bindings.put(
          spec.name(), BindingHandle.of(spec, routes, engine, plan.application(), listening));
      engines.put(spec.name(), engine);
    }
    status = new VpcStatus(engines, transports::status, transports::metrics);
  }

  /**
   * Opens {@code plan}, with the transports on the path.
   *
   * <p>The directory is the {@code Vpc}'s from here on: closed with it.
   *
   * @throws UncheckedIOException if it cannot listen where it is to answer how it stands
   */
  public static Vpc open(RuntimePlan plan) {
    return open(plan, InstalledTransports.found());
  }

  /** Opens {@code plan} with these transports and no others. */
  public static Vpc open(RuntimePlan plan, List<TransportProvider> providers) {
    var runtime = new VpcRuntime(plan, providers);
    try {
      plan.statusAddress().ifPresent(runtime::answerAt);
    } catch (RuntimeException e) {
      runtime.close();
      throw e;
    }
    return runtime;
  }

  private void answerAt(InetSocketAddress address) {
    try {
      var server = OpsServer.builder().address(address).source(status).start(loops);
      ops = server;
      LOG.info("how it stands is answered at {}", server.uri());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public VpcNetwork network(String binding) {
    if (find(binding) instanceof VpcNetwork network) {
      return network;
    }
    throw missing("vpc_networks", binding);
  }

  @Override
  public VpcService service(String binding) {
    if (find(binding) instanceof VpcService service) {
      return service;
    }
    throw missing("vpc_services", binding);
  }

  @Override
  public Fetcher binding(String binding) {
    var found = find(binding);
    if (found == null) {
      throw missing("vpc_networks or vpc_services", binding);
    }
    return found;
  }

  @Override
  public Entrance entrance(String binding, EntranceOptions options) throws VpcException {
    var found = find(binding);
    if (found == null) {
      throw missing("vpc_networks or vpc_services", binding);
    }
    openHop(found);
    var ways =
        bindings.values().stream().collect(Collectors.toMap(Fetcher::name, this::wayThrough));
    return keep(EntranceServer.proxy(loops, ticker, wayThrough(found), ways, options));
  }

  @Override
  public Entrance forward(String binding, String target, EntranceOptions options)
      throws VpcException {
    var found = find(binding);
    if (found == null) {
      throw missing("vpc_networks or vpc_services", binding);
    }
    if (!options.isLocal()) {
      throw new IllegalArgumentException(
          "a forward on "
              + options.listen()
              + " is open to other machines, and its clients cannot say who they are: give it a"
              + " loopback address or a Unix socket");
    }
    var way = wayThrough(found);
    if (found instanceof VpcService) {
      return keep(EntranceServer.forward(loops, ticker, way, "", 0, options));
    }
    var to = ConnectAddress.parse(target);
    openHop(found);
    return keep(EntranceServer.forward(loops, ticker, way, to.host(), to.port(), options));
  }

  private Way wayThrough(BindingHandle binding) {
    return binding.way(
        () ->
            binding
                .hop()
                .flatMap(transports::ifOpen)
                .map(open -> open.capabilities().contains(Capability.DATAGRAM))
                .orElse(binding instanceof VpcNetwork));
  }

  /**
   * Opens what everything will go through, if that is one hop: connectors are to find an edge
   * before the first client comes. Without it the clients hear why.
   */
  private void openHop(BindingHandle binding) {
    binding
        .hop()
        .ifPresent(
            hop -> {
              try {
                transports.transportFor(hop);
              } catch (VpcException e) {
                LOG.warn("clients of {} will be told: {}", binding.name(), e.getMessage());
              }
            });
  }

  private Entrance keep(EntranceServer entrance) {
    if (closed.get()) {
      entrance.close();
      throw new IllegalStateException("the Vpc is closed");
    }
    entrances.add(entrance);
    return entrance;
  }

  private @Nullable BindingHandle find(String binding) {
    return bindings.get(binding);
  }

  private IllegalArgumentException missing(String kind, String binding) {
    return new IllegalArgumentException(
        "No "
            + kind
            + " binding is called \""
            + binding
            + "\". There are: "
            + (bindings.isEmpty() ? "none" : String.join(", ", bindings.keySet())));
  }

  @Override
  public Set<String> bindings() {
    return java.util.Collections.unmodifiableSet(bindings.keySet());
  }

  @Override
  public List<Problem> warnings() {
    return warnings;
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    entrances.forEach(Entrance::close);
    var server = ops;
    if (server != null) {
      server.close();
    }
    bindings.values().forEach(BindingHandle::close);
    transports.close();
    blocking.shutdownNow();
    try {
      directory.close();
    } catch (Exception e) {
      throw new IllegalStateException("a Directory's close does not throw", e);
    } finally {
      loops.close();
    }
  }
}

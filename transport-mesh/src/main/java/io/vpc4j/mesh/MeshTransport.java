package io.vpc4j.mesh;

import io.netty.channel.Channel;
import io.netty.channel.ConnectTimeoutException;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.ops.MetricFamily;
import io.vpc4j.core.spi.Dial;
import io.vpc4j.core.spi.Listen;
import io.vpc4j.core.spi.Lookup;
import io.vpc4j.core.spi.NextHop.NodeHop;
import io.vpc4j.core.spi.Transport;
import io.vpc4j.core.spi.TransportContext;
import io.vpc4j.core.spi.TransportStatus;
import io.vpc4j.mesh.node.Mesh;
import io.vpc4j.mesh.node.MeshStatus;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The mesh as a transport: this process is a node of each WireGuard network that the directory's
 * {@code mesh} section has.
 *
 * <p>What the directory adds, changes or removes takes effect while it runs: peers at once, and
 * networks without disturbing the others ({@link JoinedNetworks}).
 */
final class MeshTransport implements Transport {

  private final TransportContext context;
  private final JoinedNetworks networks;
  private final Runnable unsubscribe;
  private final LongAdder dials = new LongAdder();
  private final LongAdder failures = new LongAdder();

  private MeshTransport(TransportContext context, JoinedNetworks networks) {
    this.context = context;
    this.networks = networks;
    unsubscribe = context.directory().onChange(networks::onChange);
    networks.lookAgain();
  }

  static MeshTransport open(TransportContext context) throws VpcException {
    return new MeshTransport(context, JoinedNetworks.open(context));
  }

  // ---- connecting ------------------------------------------------------------------------------

  @Override
  public Future<Channel> connect(Dial dial) {
    var hop = ((NodeHop) dial.hop()).nodeId();
    var settled = networks.followed().isDone(); // before it is looked at
    Mesh mesh;
    try {
      mesh = networks.of(hop).mesh();
    } catch (VpcException e) {
      if (!settled) {
        return onceFollowed(() -> connect(dial), Channel::close);
      }
      dials.increment();
      failures.increment();
      return ImmediateEventExecutor.INSTANCE.newFailedFuture(e);
    }
    dials.increment();
    Promise<Channel> promise = mesh.eventLoop().newPromise();
    promise.addListener(
        done -> {
          if (!done.isSuccess()) {
            failures.increment();
          }
        });
    if (mesh.closed()) {
      promise.setFailure(failure(ErrorCode.DESTINATION_UNAVAILABLE, "The mesh is closed."));
      return promise;
    }
    var dialling =
        dial.kind() == Dial.Kind.STREAM
            ? mesh.connect(hop, dial.address(), dial.port(), dial.initializer())
            : mesh.connectDatagrams(hop, dial.address(), dial.port(), dial.initializer());
    var expiry =
        mesh.eventLoop()
            .schedule(
                () -> promise.tryFailure(timeout(dial)),
                Math.max(0, dial.deadlineNs() - context.ticker().nowNs()),
                TimeUnit.NANOSECONDS);
    promise.addListener(
        done -> {
          expiry.cancel(false);
          if (!done.isSuccess()) {
            dialling.cancel(false);
          }
        });
    dialling.addListener(
        (Future<Channel> done) -> {
          if (!done.isSuccess()) {
            promise.tryFailure(asVpcException(dial, done.cause()));
          } else if (!promise.trySuccess(done.getNow())) {
            done.getNow().close();
          }
        });
    return promise;
  }

  /**
   * Takes a step when the directory's newest change is in force: the network that is needed may be
   * the one that it adds.
   *
   * @param undo what came of a step that nobody waits for any more
   */
  private <T> Future<T> onceFollowed(Supplier<Future<T>> step, Consumer<T> undo) {
    Promise<T> promise = context.eventLoops().group().next().newPromise();
    networks
        .followed()
        .addListener(
            followed -> {
              if (promise.isDone()) {
                return;
              }
              var taken = step.get();
              promise.addListener(done -> taken.cancel(false));
              taken.addListener(
                  (Future<T> done) -> {
                    if (!done.isSuccess()) {
                      promise.tryFailure(done.cause());
                    } else if (!promise.trySuccess(done.getNow())) {
                      undo.accept(done.getNow());
                    }
                  });
            });
    return promise;
  }

  private static VpcException timeout(Dial dial) {
    return failure(
        ErrorCode.CONNECTION_TIMEOUT,
        dial.destination()
            + " did not accept the connection in time. Either "
            + dial.hop()
            + " is not up, or nothing at that address answers.");
  }

  private static VpcException asVpcException(Dial dial, Throwable cause) {
    if (cause instanceof VpcException already) {
      return already;
    }
    if (cause instanceof ConnectTimeoutException) {
      return timeout(dial);
    }
    var code =
        cause instanceof NoRouteToHostException
            ? ErrorCode.DESTINATION_IP_UNROUTABLE
            : cause instanceof ConnectException
                ? ErrorCode.CONNECTION_REFUSED
                : ErrorCode.DESTINATION_UNAVAILABLE;
    return new VpcException(
        code,
        Stage.CONNECT,
        "Dialling " + dial.destination() + " over the mesh failed: " + cause.getMessage() + ".",
        cause);
  }

  private static VpcException failure(ErrorCode code, String sentence) {
    return new VpcException(code, Stage.CONNECT, sentence);
  }

  // ---- listening -------------------------------------------------------------------------------

  @Override
  public Future<Channel> listen(Listen listen) {
    Future<Channel> opening;
    try {
      opening = MeshServerChannel.open(networks, listen);
    } catch (VpcException e) {
      return ImmediateEventExecutor.INSTANCE.newFailedFuture(e);
    }
    Promise<Channel> promise = context.eventLoops().group().next().newPromise();
    var expiry =
        context
            .eventLoops()
            .group()
            .next()
            .schedule(
                () ->
                    promise.tryFailure(
                        failure(
                            ErrorCode.DESTINATION_UNAVAILABLE,
                            "The mesh did not listen in time; is its UDP port there?")),
                Math.max(0, listen.deadlineNs() - context.ticker().nowNs()),
                TimeUnit.NANOSECONDS);
    promise.addListener(
        done -> {
          expiry.cancel(false);
          if (!done.isSuccess()) {
            opening.cancel(false);
          }
        });
    opening.addListener(
        (Future<Channel> done) -> {
          if (!done.isSuccess()) {
            promise.tryFailure(done.cause());
          } else if (!promise.trySuccess(done.getNow())) {
            done.getNow().close();
          }
        });
    return promise;
  }

  // ---- resolving -------------------------------------------------------------------------------

  @Override
  public Future<List<IpAddress>> resolve(Lookup lookup) {
    var node = lookup.hop() instanceof NodeHop hop ? hop.nodeId() : NodeHop.SELF.nodeId();
    var settled = networks.followed().isDone();
    JoinedNetwork network;
    try {
      network = networks.of(node);
    } catch (VpcException e) {
      if (!settled) {
        return onceFollowed(() -> resolve(lookup), unused -> {});
      }
      return ImmediateEventExecutor.INSTANCE.newFailedFuture(
          new VpcException(ErrorCode.DNS_ERROR, Stage.RESOLVE, String.valueOf(e.getMessage()), e));
    }
    var mesh = network.mesh();
    Promise<List<IpAddress>> promise = mesh.eventLoop().newPromise();
    if (mesh.closed()) {
      promise.setFailure(
          new VpcException(ErrorCode.DNS_ERROR, Stage.RESOLVE, "The mesh is closed."));
      return promise;
    }
    var asking = network.names().resolve(lookup.name(), node, lookup.resolverIps());
    var expiry =
        mesh.eventLoop()
            .schedule(
                () ->
                    promise.tryFailure(
                        new VpcException(
                            ErrorCode.DNS_TIMEOUT,
                            Stage.RESOLVE,
                            "No answer for " + lookup.name() + " over the mesh in time.")),
                Math.max(0, lookup.deadlineNs() - context.ticker().nowNs()),
                TimeUnit.NANOSECONDS);
    promise.addListener(
        done -> {
          expiry.cancel(false);
          if (!done.isSuccess()) {
            asking.cancel(false);
          }
        });
    asking.addListener(
        (Future<List<IpAddress>> done) -> {
          if (done.isSuccess()) {
            promise.trySuccess(done.getNow());
          } else {
            promise.tryFailure(notResolved(lookup, done.cause()));
          }
        });
    return promise;
  }

  private static VpcException notResolved(Lookup lookup, Throwable cause) {
    var why =
        cause instanceof UnknownHostException
            ? cause.getMessage()
            : lookup.name() + " cannot be asked for over the mesh: " + cause.getMessage();
    return new VpcException(ErrorCode.DNS_ERROR, Stage.RESOLVE, why + ".", cause);
  }

  // ---- facts -----------------------------------------------------------------------------------

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.HALF_CLOSE, Capability.DATAGRAM, Capability.LISTEN);
  }

  /** That of the directory's own network, and under {@code networks} that of each other one. */
  @Override
  public TransportStatus status() {
    var gauges = new HashMap<String, Long>();
    var details = new LinkedHashMap<String, Object>();
    var others = new LinkedHashMap<String, Object>();
    var summaries = new ArrayList<String>();
    var ready = true;
    for (var network : networks.all()) {
      var report = new MeshReport(network.mesh());
      count(network.mesh().status(), gauges);
      ready &= report.ready();
      summaries.add(report.summary());
      if (network.settings().isOwn()) {
        details.putAll(report.details());
      } else {
        others.put(network.settings().name(), report.details());
      }
    }
    if (!others.isEmpty()) {
      details.put("networks", others);
    }
    gauges.put("dials", dials.sum());
    gauges.put("dials_failed", failures.sum());
    return new TransportStatus(
        ready && !summaries.isEmpty(),
        summaries.isEmpty() ? "no network is joined" : String.join("; ", summaries),
        Map.copyOf(gauges),
        details);
  }

  /** Adds the figures of a node to those of others. */
  private static void count(MeshStatus status, Map<String, Long> gauges) {
    var flows = status.flows();
    var sessions = status.peers().stream().filter(peer -> peer.session()).count();
    gauges.merge("channels", (long) status.channels(), Long::sum);
    gauges.merge("flows", (long) flows.tcp() + flows.udp() + flows.echo(), Long::sum);
    gauges.merge("peers", (long) status.peers().size(), Long::sum);
    gauges.merge("sessions", sessions, Long::sum);
    gauges.merge("tcp_buffered_octets", status.bufferedOctets(), Long::sum);
    status.counters().forEach((counter, value) -> gauges.merge(gauge(counter), value, Long::sum));
  }

  @Override
  public List<MetricFamily> metrics() {
    return networks.all().stream()
        .flatMap(network -> new MeshReport(network.mesh()).metrics().stream())
        .toList();
  }

  private static String gauge(Enum<?> counter) {
    return counter.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void close() {
    unsubscribe.run();
    networks.close();
  }
}

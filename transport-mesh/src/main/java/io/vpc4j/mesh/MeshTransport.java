package io.vpc4j.mesh;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ConnectTimeoutException;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.MeshSettings;
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
import io.vpc4j.mesh.node.MeshConfig;
import io.vpc4j.mesh.node.MeshNames;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mesh as a transport: this process is a node, as the directory's {@code mesh} section says.
 *
 * <p>Peers that the directory adds, changes or removes take effect at once. Another key, port or
 * address of our own takes a new {@link io.vpc4j.Vpc}, which is logged.
 */
final class MeshTransport implements Transport {

  private static final Logger LOG = LoggerFactory.getLogger(MeshTransport.class);

  private final TransportContext context;
  private final Mesh mesh;
  private final MeshNames names;
  private final MeshSettings settings;
  private final Runnable unsubscribe;
  private final LongAdder dials = new LongAdder();
  private final LongAdder failures = new LongAdder();

  private MeshTransport(TransportContext context, Mesh mesh, SecureRandom random) {
    this.context = context;
    this.mesh = mesh;
    names = new MeshNames(mesh, random);
    var snapshot = context.directory().snapshot();
    settings = snapshot.mesh();
    mesh.apply(snapshot.nodes().values());
    unsubscribe = context.directory().onChange(this::onChange);
  }

  static MeshTransport open(TransportContext context) throws VpcException {
    var settings = context.directory().snapshot().mesh();
    var key = settings.privateKey();
    if (key.isEmpty()) {
      throw new VpcException(
          ErrorCode.DESTINATION_UNAVAILABLE,
          Stage.CONNECT,
          "This process is no part of the mesh: the directory's \"mesh\" has no \"private_key\"."
              + " Make one with `vpc4j mesh init`.");
    }
    if (settings.addresses().isEmpty()) {
      throw new VpcException(
          ErrorCode.DESTINATION_UNAVAILABLE,
          Stage.CONNECT,
          "This process has no address in the mesh: the directory's \"mesh\" has no \"addresses\".");
    }
    var random = new SecureRandom();
    try {
      var mesh =
          Mesh.open(
              MeshConfig.of(
                  key.orElseThrow(),
                  settings.listenPort(),
                  settings.addresses(),
                  settings.memory()),
              context.eventLoops(),
              context.allocator(),
              context.ticker(),
              random);
      return new MeshTransport(context, mesh, random);
    } catch (IOException e) {
      throw new VpcException(
          ErrorCode.DESTINATION_UNAVAILABLE,
          Stage.CONNECT,
          "The mesh cannot start: " + e.getMessage() + ".",
          e);
    }
  }

  private void onChange(DirectorySnapshot snapshot) {
    if (!snapshot.mesh().equals(settings)) {
      LOG.warn(
          "The mesh's own key, port or addresses have changed; that takes effect in a new process.");
    }
    mesh.apply(snapshot.nodes().values());
  }

  // ---- connecting ------------------------------------------------------------------------------

  @Override
  public Future<Channel> connect(Dial dial) {
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
    var hop = ((NodeHop) dial.hop()).nodeId();
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
    Promise<Channel> promise = mesh.eventLoop().newPromise();
    var acceptor = new Acceptor(mesh, listen.initializer());
    var opening = mesh.listen(listen.port(), listen.backlog(), new ByHand(acceptor));
    var expiry =
        mesh.eventLoop()
            .schedule(
                () ->
                    promise.tryFailure(
                        failure(
                            ErrorCode.DESTINATION_UNAVAILABLE,
                            "The mesh did not listen in time; is its UDP port there?")),
                Math.max(0, listen.deadlineNs() - context.ticker().nowNs()),
                TimeUnit.NANOSECONDS);
    promise.addListener(done -> expiry.cancel(false));
    opening.addListener(
        (Future<Channel> done) -> {
          if (!done.isSuccess()) {
            promise.tryFailure(notListening(listen, done.cause()));
          } else if (!promise.trySuccess(done.getNow())) {
            done.getNow().close();
          }
        });
    return promise;
  }

  /** Accepts when it is asked to, and not before. */
  private static final class ByHand extends ChannelInitializer<Channel> {
    private final Acceptor acceptor;

    ByHand(Acceptor acceptor) {
      this.acceptor = acceptor;
    }

    @Override
    protected void initChannel(Channel server) {
      server.config().setAutoRead(false);
      server.pipeline().addLast(acceptor);
    }
  }

  private static VpcException notListening(Listen listen, Throwable cause) {
    return cause instanceof BindException
        ? new VpcException(
            ErrorCode.CONFIGURATION_ERROR,
            Stage.CONFIGURE,
            "Port "
                + listen.port()
                + " of our mesh addresses is taken: something in this process listens on it.",
            cause)
        : new VpcException(
            ErrorCode.DESTINATION_UNAVAILABLE,
            Stage.CONFIGURE,
            "The mesh cannot listen on port " + listen.port() + ": " + cause.getMessage() + ".",
            cause);
  }

  // ---- resolving -------------------------------------------------------------------------------

  @Override
  public Future<List<IpAddress>> resolve(Lookup lookup) {
    Promise<List<IpAddress>> promise = mesh.eventLoop().newPromise();
    if (mesh.closed()) {
      promise.setFailure(
          new VpcException(ErrorCode.DNS_ERROR, Stage.RESOLVE, "The mesh is closed."));
      return promise;
    }
    var node = lookup.hop() instanceof NodeHop hop ? hop.nodeId() : NodeHop.SELF.nodeId();
    var asking = names.resolve(lookup.name(), node, lookup.resolverIps());
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

  @Override
  public TransportStatus status() {
    var status = mesh.status();
    var sessions = status.peers().stream().filter(peer -> peer.session()).count();
    var gauges = new HashMap<String, Long>();
    gauges.put("dials", dials.sum());
    gauges.put("dials_failed", failures.sum());
    gauges.put("channels", (long) status.channels());
    var flows = status.flows();
    gauges.put("flows", (long) flows.tcp() + flows.udp() + flows.echo());
    gauges.put("peers", (long) status.peers().size());
    gauges.put("sessions", sessions);
    gauges.put("tcp_buffered_octets", status.bufferedOctets());
    status.counters().forEach((counter, value) -> gauges.put(gauge(counter), value));
    var report = new MeshReport(mesh);
    return new TransportStatus(
        report.ready(), report.summary(), Map.copyOf(gauges), report.details());
  }

  @Override
  public List<MetricFamily> metrics() {
    return new MeshReport(mesh).metrics();
  }

  private static String gauge(Enum<?> counter) {
    return counter.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void close() {
    unsubscribe.run();
    mesh.close();
  }
}

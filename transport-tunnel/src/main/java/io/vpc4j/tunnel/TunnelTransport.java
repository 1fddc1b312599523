package io.vpc4j.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.spi.Dial;
import io.vpc4j.core.spi.Lookup;
import io.vpc4j.core.spi.NextHop;
import io.vpc4j.core.spi.Transport;
import io.vpc4j.core.spi.TransportContext;
import io.vpc4j.core.spi.TransportStatus;
import io.vpc4j.tunnel.carrier.OpenStream;
import io.vpc4j.tunnel.carrier.StreamFailure;
import io.vpc4j.tunnel.dns.DnsEffect;
import io.vpc4j.tunnel.dns.DnsLimits;
import io.vpc4j.tunnel.dns.DnsResolver;
import io.vpc4j.tunnel.dns.VirtualDns;
import io.vpc4j.tunnel.edge.DialFailures;
import io.vpc4j.tunnel.edge.EdgeConnection;
import io.vpc4j.tunnel.edge.UdpFailures;
import io.vpc4j.tunnel.edge.UdpWanted;
import io.vpc4j.tunnel.edge.Wanted;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.udp.UdpRefused;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/**
 * The tunnels as a transport: an edge in this process, and a stream through a connector for each
 * connection.
 *
 * <p><b>No half-close.</b> A connector ends both directions as soon as either ends ([T] 4.5), so
 * {@link Transport.Capability#HALF_CLOSE} is not declared, and a channel is closed whole: what was
 * written before is sent, and nothing is read any more.
 */
final class TunnelTransport implements Transport {

  private final TransportContext context;
  private final TunnelEdge edge;
  private final DnsResolver resolver;
  private final FarNames farNames = new FarNames();
  private final LongAdder dials = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private volatile boolean closed;

  private TunnelTransport(TransportContext context, TunnelEdge edge) {
    this.context = context;
    this.edge = edge;
    var random = new SecureRandom();
    resolver =
        new DnsResolver(
            context.eventLoops().group().next(),
            context.ticker(),
            this::openForNames,
            DnsEffect.Path.STREAM,
            DnsLimits.DEFAULT,
            () -> random.nextInt(1 << 16));
  }

  static TunnelTransport open(TransportContext context) throws VpcException {
    var settings = context.directory().snapshot().edge();
    if (settings.isEmpty()) {
      throw new VpcException(
          ErrorCode.CONFIGURATION_ERROR,
          Stage.CONFIGURE,
          "A tunnel needs an edge that its connectors dial, and the directory has no \"edge\""
              + " section. Add one: \"edge\": {}.");
    }
    try {
      return new TunnelTransport(
          context,
          TunnelEdge.builder(context.directory())
              .settings(settings.orElseThrow())
              .eventLoops(context.eventLoops())
              .ticker(context.ticker())
              .gracePeriod(Duration.ZERO) // Vpc.close aborts what is under way
              .start());
    } catch (IOException e) {
      throw new VpcException(
          ErrorCode.CONFIGURATION_ERROR,
          Stage.CONFIGURE,
          "The edge could not be started: " + e.getMessage() + ".",
          e);
    }
  }

  // ---- connecting

  @Override
  public Future<Channel> connect(Dial dial) {
    dials.increment();
    Promise<Channel> promise = context.eventLoops().here().newPromise();
    promise.addListener(
        done -> {
          if (!done.isSuccess()) {
            failures.increment();
          }
        });
    try {
      begin(dial, promise);
    } catch (VpcException e) {
      promise.setFailure(e);
    }
    return promise;
  }

  private void begin(Dial dial, Promise<Channel> promise) throws VpcException {
    if (closed) {
      throw failure(ErrorCode.DESTINATION_UNAVAILABLE, "The edge is closed.");
    }
    if (dial.kind() == Dial.Kind.DATAGRAM) {
      beginDatagrams(dial, tunnelId(dial.hop()), promise);
      return;
    }
    var tunnelId = tunnelId(dial.hop());
    if (!context.directory().snapshot().tunnels().containsKey(tunnelId)) {
      throw failure(
          ErrorCode.DESTINATION_NOT_FOUND,
          "The directory has no tunnel " + tunnelId + ". Add it to \"tunnels\".");
    }
    var opening = edge.edge().open(tunnelId, wanted(dial), dial.initializer(), dial.deadlineNs());
    promise.addListener(
        done -> {
          if (done.isCancelled()) {
            opening.cancel(false);
          }
        });
    opening.addListener((Future<OpenStream> done) -> onOpened(done, dial, tunnelId, promise));
  }

  private void onOpened(
      Future<OpenStream> done, Dial dial, String tunnelId, Promise<Channel> promise) {
    if (done.isSuccess()) {
      if (!promise.trySuccess(done.getNow().channel())) {
        done.getNow().channel().close();
      }
    } else if (done.cause() instanceof StreamFailure failure) {
      promise.tryFailure(
          DialFailures.of(failure, dial.destination(), tunnelId, edge.howToConnect()));
    } else {
      promise.tryFailure(done.cause());
    }
  }

  private void beginDatagrams(Dial dial, String tunnelId, Promise<Channel> promise) {
    var opening =
        edge.edge()
            .openUdp(
                tunnelId,
                UdpWanted.ofAny(dial.address(), dial.port()),
                dial.initializer(),
                dial.deadlineNs());
    promise.addListener(
        done -> {
          if (done.isCancelled()) {
            opening.cancel(false);
          }
        });
    opening.addListener(
        (Future<Channel> done) -> {
          if (done.isSuccess()) {
            if (!promise.trySuccess(done.getNow())) {
              done.getNow().close();
            }
          } else if (done.cause() instanceof UdpRefused refused) {
            promise.tryFailure(UdpFailures.of(refused, dial.destination(), tunnelId));
          } else {
            promise.tryFailure(done.cause());
          }
        });
  }

  // ---- resolving

  @Override
  public Future<List<IpAddress>> resolve(Lookup lookup) {
    var tunnelId = tunnelId(lookup.hop());
    if (lookup.resolverIps().isEmpty() && isServedByOldOnesAlone(tunnelId)) {
      return context
          .eventLoops()
          .group()
          .next()
          .newSucceededFuture(List.of(farNames.addressOf(lookup.name())));
    }
    return resolver.resolve(tunnelId, lookup.name(), lookup.resolverIps(), lookup.deadlineNs());
  }

  private boolean isServedByOldOnesAlone(String tunnelId) {
    var live =
        edge.edge().connections().stream()
            .filter(connection -> connection.registration().tunnelId().equals(tunnelId))
            .filter(connection -> connection.state() == EdgeConnection.State.READY)
            .toList();
    return !live.isEmpty() && live.stream().noneMatch(TunnelTransport::hasVirtualDns);
  }

  private static boolean hasVirtualDns(EdgeConnection connection) {
    return VirtualDns.isServedBy(connection.registration().version());
  }

  /** What is asked of which connectors: a name is for those that resolve it themselves. */
  private Wanted wanted(Dial dial) {
    var name = farNames.nameOf(dial.address());
    if (name.isPresent()) {
      return new Wanted(
          ConnectRequest.tcp(name.orElseThrow() + ":" + dial.port()),
          connection -> !hasVirtualDns(connection));
    }
    return Wanted.ofAny(ConnectRequest.tcp(dial.address().toUrlHost() + ":" + dial.port()));
  }

  private Future<Channel> openForNames(
      DnsEffect.Path path,
      String tunnelId,
      String dest,
      ChannelHandler initializer,
      long deadline) {
    Predicate<EdgeConnection> fits =
        dest.equals(VirtualDns.DESTINATION) ? TunnelTransport::hasVirtualDns : connection -> true;
    return path == DnsEffect.Path.STREAM
        ? openStreamForNames(tunnelId, dest, fits, initializer, deadline)
        : openSessionForNames(tunnelId, dest, fits, initializer, deadline);
  }

  private Future<Channel> openStreamForNames(
      String tunnelId,
      String dest,
      Predicate<EdgeConnection> fits,
      ChannelHandler initializer,
      long deadline) {
    Promise<Channel> promise = context.eventLoops().here().newPromise();
    var wanted = new Wanted(ConnectRequest.tcp(dest), fits);
    var opening = edge.edge().open(tunnelId, wanted, initializer, deadline);
    promise.addListener(
        done -> {
          if (done.isCancelled()) {
            opening.cancel(false);
          }
        });
    opening.addListener(
        (Future<OpenStream> done) -> {
          if (!done.isSuccess()) {
            promise.tryFailure(done.cause());
          } else if (!promise.trySuccess(done.getNow().channel())) {
            done.getNow().channel().close();
          }
        });
    return promise;
  }

  /** For resolvers that listen to datagrams alone, where the tunnel's connections carry them. */
  private Future<Channel> openSessionForNames(
      String tunnelId,
      String dest,
      Predicate<EdgeConnection> fits,
      ChannelHandler initializer,
      long deadline) {
    var portAt = dest.lastIndexOf(':');
    var host = dest.substring(0, portAt).replace("[", "").replace("]", "");
    var address = IpAddress.parse(host);
    if (address.isEmpty()) {
      return context
          .eventLoops()
          .group()
          .next()
          .newFailedFuture(
              failure(
                  ErrorCode.DESTINATION_UNAVAILABLE, "A UDP session wants an address: " + dest));
    }
    var wanted =
        new UdpWanted(address.orElseThrow(), Integer.parseInt(dest.substring(portAt + 1)), fits);
    return edge.edge().openUdp(tunnelId, wanted, initializer, deadline);
  }

  // ---- facts

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.DATAGRAM);
  }

  @Override
  public TransportStatus status() {
    var connections = edge.edge().connections();
    var ready = connections.stream().filter(connection -> connection.takesStreams()).count();
    return new TransportStatus(
        !closed,
        ready == 0
            ? "no connector is there; " + edge.howToConnect()
            : ready + " connections of connectors",
        Map.of("connections", ready, "dials", dials.sum(), "dials_failed", failures.sum()));
  }

  @Override
  public void close() {
    closed = true;
    resolver.close();
    edge.close();
  }

  private static String tunnelId(NextHop hop) {
    return ((NextHop.TunnelHop) hop).tunnelId();
  }

  private static VpcException failure(ErrorCode code, String sentence) {
    return new VpcException(code, Stage.CONNECT, sentence);
  }
}

package io.vpc4j.testkit;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.spi.Dial;
import io.vpc4j.core.spi.Lookup;
import io.vpc4j.core.spi.NextHop.CustomHop;
import io.vpc4j.core.spi.Transport;
import io.vpc4j.core.spi.TransportContext;
import io.vpc4j.core.spi.TransportStatus;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Acme's sites: what {@code acme:lab} means is a section of the directory, {@code transports.acme},
 * which gives each site its names and, for each address, the port of this machine it is forwarded
 * to.
 */
final class AcmeTransport implements Transport {

  private final TransportContext context;
  private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
  private volatile boolean closed;

  AcmeTransport(TransportContext context) {
    this.context = context;
  }

  @Override
  public Future<Channel> connect(Dial dial) {
    Promise<Channel> promise = context.eventLoops().group().next().newPromise();
    var forwarded = site((CustomHop) dial.hop(), "forward").get(dial.address() + ":" + dial.port());
    if (closed || dial.kind() != Dial.Kind.STREAM) {
      return promise.setFailure(
          failure(ErrorCode.DESTINATION_UNAVAILABLE, "Acme carries no " + dial.kind() + " now."));
    }
    if (forwarded == null) {
      return promise.setFailure(
          failure(ErrorCode.DESTINATION_NOT_FOUND, "The site has no " + dial.destination() + "."));
    }
    dial(dial, ((Number) forwarded).intValue(), promise);
    return promise;
  }

  private void dial(Dial dial, int localPort, Promise<Channel> promise) {
    var leftMs = TimeUnit.NANOSECONDS.toMillis(dial.deadlineNs() - context.ticker().nowNs());
    var connecting =
        new Bootstrap()
            .group(context.eventLoops().group())
            .channelFactory(context.eventLoops().socketChannels())
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.max(1, leftMs))
            .handler(dial.initializer())
            .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), localPort));
    open.add(connecting.channel());
    promise.addListener( // given up: nothing stays
        done -> {
          if (!done.isSuccess()) {
            connecting.channel().close();
          }
        });
    connecting.addListener(
        done -> {
          if (done.isSuccess()) {
            if (!promise.trySuccess(connecting.channel())) {
              connecting.channel().close();
            }
          } else {
            var code =
                done.cause() instanceof ConnectException
                    ? ErrorCode.CONNECTION_REFUSED
                    : ErrorCode.CONNECTION_TIMEOUT;
            promise.tryFailure(failure(code, dial.destination() + ": " + done.cause()));
          }
        });
  }

  @Override
  public Future<List<IpAddress>> resolve(Lookup lookup) {
    Promise<List<IpAddress>> promise = context.eventLoops().group().next().newPromise();
    var address = site((CustomHop) lookup.hop(), "names").get(lookup.name());
    return address == null
        ? promise.setFailure(
            new VpcException(
                ErrorCode.DNS_ERROR, Stage.RESOLVE, "The site has no " + lookup.name() + "."))
        : promise.setSuccess(List.of(IpAddress.require((String) address)));
  }

  /** A table of the site's section, as the directory has it now. */
  private Map<?, ?> site(CustomHop hop, String table) {
    var sites = context.directory().snapshot().transports().getOrDefault("acme", Map.of());
    return sites.get(hop.id()) instanceof Map<?, ?> site
            && site.get(table) instanceof Map<?, ?> found
        ? found
        : Map.of();
  }

  private static VpcException failure(ErrorCode code, String sentence) {
    return new VpcException(code, Stage.CONNECT, sentence);
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.HALF_CLOSE);
  }

  @Override
  public TransportStatus status() {
    return new TransportStatus(
        !closed, "Acme, " + open.size() + " channels", Map.of("channels", (long) open.size()));
  }

  @Override
  public void close() {
    closed = true;
    open.close().awaitUninterruptibly(2, TimeUnit.SECONDS);
  }
}

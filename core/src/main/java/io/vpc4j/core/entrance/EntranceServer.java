package io.vpc4j.core.entrance;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.vpc4j.Entrance;
import io.vpc4j.EntranceOptions;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.Ticker;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Accepts clients and counts them; what becomes of each is a {@code Visit}.
 *
 * <p><b>Threads.</b> Clients are on the loops lent by the runtime. Safe for use by many threads.
 */
public final class EntranceServer implements Entrance {

  private final EntranceOptions options;
  private final SocketAddress address;
  private final Channel listener;
  private final DefaultChannelGroup clients =
      new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
  private final AtomicInteger connections = new AtomicInteger();

  private EntranceServer(EventLoops loops, EntranceOptions options, Consumer<Channel> arrival)
      throws VpcException {
    this.options = options;
    listener = bind(loops, arrival);
    address =
        options.listen() instanceof UnixDomainSocketAddress unix ? unix : listener.localAddress();
  }

  /**
   * A proxy into {@code way}; clients that speak Miniflare's protocol name one of {@code ways}.
   *
   * @param ticker the clock of what is idle
   * @throws VpcException if the address cannot be listened on
   */
  public static EntranceServer proxy(
      EventLoops loops, Ticker ticker, Way way, Map<String, Way> ways, EntranceOptions options)
      throws VpcException {
    var house = new Visit.House(loops, ticker, way, ways, options);
    return new EntranceServer(
        loops,
        options,
        client -> client.pipeline().addLast(new Threshold(new Visit(client, house))));
  }

  /**
   * A listener each of whose clients is connected to one target.
   *
   * @throws VpcException if the address cannot be listened on
   */
  public static EntranceServer forward(
      EventLoops loops, Ticker ticker, Way way, String host, int port, EntranceOptions options)
      throws VpcException {
    var house = new Visit.House(loops, ticker, way, Map.of(), options);
    return new EntranceServer(
        loops,
        options,
        client -> {
          client.config().setAutoRead(false);
          new Visit(client, house).dialRaw(host, port, upstream -> {}, why -> Relay.reset(client));
        });
  }

  private Channel bind(EventLoops loops, Consumer<Channel> arrival) throws VpcException {
    var bootstrap =
        new ServerBootstrap()
            .group(loops.group())
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel client) {
                    admit(client, arrival);
                  }
                });
    var unix = options.listen() instanceof UnixDomainSocketAddress;
    if (unix) {
      bootstrap.channelFactory(loops.serverDomainSocketChannels());
    } else {
      bootstrap
          .channelFactory(loops.serverSocketChannels())
          .option(ChannelOption.SO_REUSEADDR, true)
          .childOption(ChannelOption.TCP_NODELAY, true);
    }
    var bound =
        bootstrap
            .bind(
                options.listen() instanceof UnixDomainSocketAddress path
                    ? loops.domainSocketAddress(path.getPath())
                    : options.listen())
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new VpcException(
          ErrorCode.CONFIGURATION_ERROR,
          Stage.CONNECT,
          "Cannot listen on " + options.listen() + ": " + bound.cause().getMessage(),
          bound.cause());
    }
    return bound.channel();
  }

  private void admit(Channel client, Consumer<Channel> arrival) {
    if (connections.incrementAndGet() > options.maxConnections()) {
      connections.decrementAndGet();
      Relay.reset(client);
      return;
    }
    clients.add(client);
    client.closeFuture().addListener(closed -> connections.decrementAndGet());
    arrival.accept(client);
  }

  @Override
  public SocketAddress address() {
    return address;
  }

  @Override
  public int connections() {
    return connections.get();
  }

  @Override
  public void close() {
    listener.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    clients.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    if (address instanceof UnixDomainSocketAddress unix) {
      try {
        Files.deleteIfExists(unix.getPath());
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  @Override
  public String toString() {
    return "Entrance[" + address + "]";
  }
}

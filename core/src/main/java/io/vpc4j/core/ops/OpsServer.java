package io.vpc4j.core.ops;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Answers how a process stands, over HTTP/1.1: {@code /ready} (200 or 503), {@code /metrics} (for
 * Prometheus) and {@code /status} (JSON).
 *
 * <p>On the loopback address unless told otherwise: it has no passwords, and what it says is for
 * the owner of the process. It answers GET and HEAD alone, to at most {@value #MAX_CONNECTIONS}
 * connections, each of which is closed after {@value #IDLE_SECONDS} s without a request. A request
 * has no body and at most {@value #MAX_HEAD_OCTETS} octets. On the loopback address a request must
 * name one, so that a page in a browser cannot ask by way of a name of its own.
 */
public final class OpsServer implements AutoCloseable {

  /** At once; more are closed as they come. */
  public static final int MAX_CONNECTIONS = 64;

  /** For which a connection may be silent. */
  public static final int IDLE_SECONDS = 15;

  /** Of a request's line and fields. */
  public static final int MAX_HEAD_OCTETS = 8_192;

  private final Channel listener;
  private final DefaultChannelGroup connections;

  private OpsServer(Channel listener, DefaultChannelGroup connections) {
    this.listener = listener;
    this.connections = connections;
  }

  /** With nothing to say yet. */
  public static Builder builder() {
    return new Builder();
  }

  /** Says what to serve, and where. Not safe for use by many threads. */
  public static final class Builder {

    private final List<StatusSource> sources = new ArrayList<>();
    private final Map<String, Object> process = new LinkedHashMap<>();
    private InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private Ticker ticker = Ticker.system();

    private Builder() {}

    /** Where to listen. Default: any free port of the loopback address. */
    public Builder address(InetSocketAddress address) {
      this.address = address;
      return this;
    }

    /** One more part to speak of. */
    public Builder source(StatusSource source) {
      if (sources.stream().anyMatch(other -> other.name().equals(source.name()))) {
        throw new IllegalArgumentException("two parts are called " + source.name());
      }
      sources.add(source);
      return this;
    }

    /** Something to say of the process as a whole, such as its version. */
    public Builder process(String name, String value) {
      process.put(name, value);
      return this;
    }

    /** What the time since the start is measured with. Default: the system's clock. */
    public Builder ticker(Ticker ticker) {
      this.ticker = ticker;
      return this;
    }

    /**
     * Begins to serve.
     *
     * @param loops what it runs on; not its own to close
     * @throws IOException if it cannot listen there
     */
    public OpsServer start(EventLoops loops) throws IOException {
      var clock = ticker;
      var startNs = clock.nowNs();
      var answers =
          new OpsAnswers(
              new LinkedHashMap<>(process),
              List.copyOf(sources),
              () -> TimeUnit.NANOSECONDS.toSeconds(clock.nowNs() - startNs));
      var loopback = address.getAddress() != null && address.getAddress().isLoopbackAddress();
      var connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
      var bound =
          new ServerBootstrap()
              .group(loops.group())
              .channelFactory(loops.serverSocketChannels())
              .option(ChannelOption.SO_REUSEADDR, true)
              .childHandler(
                  new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                      begin(channel, connections, answers, loopback);
                    }
                  })
              .bind(address)
              .awaitUninterruptibly();
      if (!bound.isSuccess()) {
        throw new IOException(
            "Cannot listen on " + address + ": " + bound.cause().getMessage(), bound.cause());
      }
      return new OpsServer(bound.channel(), connections);
    }

    private static void begin(
        Channel channel, DefaultChannelGroup connections, OpsAnswers answers, boolean loopback) {
      if (connections.size() >= MAX_CONNECTIONS) {
        channel.close();
        return;
      }
      connections.add(channel);
      channel
          .pipeline()
          .addLast(new ReadTimeoutHandler(IDLE_SECONDS, TimeUnit.SECONDS))
          .addLast(
              new HttpServerCodec(
                  new HttpDecoderConfig()
                      .setMaxInitialLineLength(MAX_HEAD_OCTETS)
                      .setMaxHeaderSize(MAX_HEAD_OCTETS)))
          .addLast(new OpsHandler(answers, loopback));
    }
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  /** Where it is asked: {@code http://127.0.0.1:port}. Of an unspecified address, by loopback. */
  public URI uri() {
    var address = address();
    var host =
        address.getAddress().isAnyLocalAddress()
            ? InetAddress.getLoopbackAddress().getHostAddress()
            : address.getAddress().getHostAddress();
    return URI.create(
        "http://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort());
  }

  /** Stops, and closes every connection; waits at most 2 s. May be called again. */
  @Override
  public void close() {
    listener.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    connections.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
  }
}

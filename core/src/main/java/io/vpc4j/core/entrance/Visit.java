package io.vpc4j.core.entrance;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import io.vpc4j.EntranceOptions;
import io.vpc4j.VpcException;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.Ticker;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client, from its first octet to the connection it wanted. Confined to the client's loop.
 *
 * <p>Holds the deadline of the handshake and the dial under way: whatever ends the client ends
 * both.
 */
final class Visit {

  /** How long a client's connection is kept between two requests of HTTP. */
  private static final Duration IDLE = Duration.ofSeconds(75);

  /** What every visit of one entrance has in common. */
  record House(
      EventLoops loops,
      Ticker ticker,
      Way way,
      Map<String, Way> ways,
      EntranceOptions options,
      Guard guard) {

    House(
        EventLoops loops, Ticker ticker, Way way, Map<String, Way> ways, EntranceOptions options) {
      this(loops, ticker, way, ways, options, new Guard(options));
    }
  }

  private final Channel client;
  private final House house;
  private final Way way;
  private final EntranceOptions options;
  private @Nullable ScheduledFuture<?> deadline;
  private @Nullable Future<Channel> dialling;

  Visit(Channel client, House house) {
    this.client = client;
    this.house = house;
    this.way = house.way();
    this.options = house.options();
    client.closeFuture().addListener(closed -> end());
    awaitRequest();
  }

  Channel client() {
    return client;
  }

  /** The binding of this entrance. */
  Way way() {
    return way;
  }

  /** The binding of that name; null if there is none. */
  @Nullable Way way(String binding) {
    return house.ways().get(binding);
  }

  EventLoops loops() {
    return house.loops();
  }

  /** A relay of this client's datagrams, not bound yet. */
  UdpAssociation associate(InetAddress clientHost, int clientPort) {
    return new UdpAssociation(this, house.ticker(), clientHost, clientPort);
  }

  Duration connectTimeout() {
    return options.connectTimeout();
  }

  /** The client has to say where to, and not take for ever. */
  private void awaitRequest() {
    await(options.handshakeTimeout());
  }

  /** The client may ask for something more, as long as it does so in {@link #IDLE}. */
  void awaitAnother() {
    await(IDLE);
  }

  private void await(Duration patience) {
    requested();
    deadline =
        client.eventLoop().schedule(() -> client.close(), patience.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** It has said so. */
  void requested() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }

  Guard guard() {
    return house.guard();
  }

  /** What dials. */
  interface Dialler {
    Future<Channel> dial() throws VpcException;
  }

  /** Dials; tells one of the two, on the client's loop, unless the client has left. */
  void dial(Dialler dialler, Consumer<Channel> connected, Consumer<VpcException> failed) {
    requested();
    try {
      var dial = dialler.dial();
      dialling = dial;
      dial.addListener(done -> client.eventLoop().execute(() -> dialled(dial, connected, failed)));
    } catch (VpcException e) {
      failed.accept(e);
    }
  }

  private void dialled(
      Future<Channel> dial, Consumer<Channel> connected, Consumer<VpcException> failed) {
    dialling = null;
    if (!dial.isSuccess()) {
      if (client.isActive()) {
        failed.accept(Refusal.of(dial.cause()));
      }
    } else if (client.isActive()) {
      connected.accept(dial.getNow());
    } else {
      dial.getNow().close();
    }
  }

  /**
   * A raw connection through the entrance's binding: {@link #dialRaw(Way, String, int, Consumer,
   * Consumer)}.
   */
  void dialRaw(String host, int port, Consumer<Channel> connected, Consumer<VpcException> failed) {
    dialRaw(way, host, port, connected, failed);
  }

  /**
   * A raw connection, whose octets will be relayed to the client once {@code connected} has said
   * what there is to say before them.
   */
  void dialRaw(
      Way through,
      String host,
      int port,
      Consumer<Channel> connected,
      Consumer<VpcException> failed) {
    var ends = new AtomicInteger();
    var relay = new Relay(ends);
    client.pipeline().addLast(relay);
    dial(
        () -> through.connect(host, port, connectTimeout(), () -> (ChannelHandler) new Relay(ends)),
        upstream -> {
          connected.accept(upstream);
          relay.attach(upstream);
          upstream.eventLoop().execute(() -> Relay.of(upstream).attach(client));
        },
        failed);
  }

  private void end() {
    requested();
    if (dialling != null) {
      dialling.cancel(true);
      dialling = null;
    }
  }
}

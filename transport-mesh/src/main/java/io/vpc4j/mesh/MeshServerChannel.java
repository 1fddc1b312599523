package io.vpc4j.mesh;

import io.netty.channel.AbstractServerChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseCombiner;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.directory.MeshNetwork;
import io.vpc4j.core.spi.Listen;
import io.vpc4j.mesh.node.Mesh;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts connections on a port of our addresses in every network of a virtual network, as a socket
 * that is bound to no address in particular does on every interface of a machine: what an accepted
 * channel's local address is says which.
 *
 * <p>Networks that are joined later listen as well, and one that is left takes no other with it;
 * the channel ends when it is closed, or with the transport. Its auto-read is off. A read is for
 * one connection: of each network at most one more is taken from the backlog meanwhile, and waits
 * here.
 *
 * <p>Confined to its event loop, but for what Netty lets any thread call.
 */
final class MeshServerChannel extends AbstractServerChannel {

  private static final Logger LOG = LoggerFactory.getLogger(MeshServerChannel.class);

  private final JoinedNetworks networks;
  private final Listen listen;
  private final EventLoop home;
  private final ChannelConfig config = new DefaultChannelConfig(this);
  private final Runnable unsubscribe;
  private final Map<Mesh, Channel> parts = new HashMap<>();
  private final Set<Mesh> opening = new HashSet<>();
  private final ArrayDeque<Arrival> arrivals = new ArrayDeque<>();
  private boolean readWanted;
  private volatile @Nullable InetSocketAddress local; // of the first network, once all listen
  private volatile boolean closed;

  /** A connection that is accepted, and that nobody has had yet. */
  private record Arrival(Mesh mesh, Channel channel) {}

  private MeshServerChannel(JoinedNetworks networks, Listen listen, EventLoop home) {
    this.networks = networks;
    this.listen = listen;
    this.home = home;
    config.setAutoRead(false);
    pipeline().addLast(new PartsFirst(), new Adopting());
    unsubscribe = networks.onChange(() -> home.execute(this::follow));
  }

  /**
   * Listens.
   *
   * @return fails with a {@link VpcException} where no network is there, or the port is taken in
   *     one of them; cancelling it gives it up
   */
  static Future<Channel> open(JoinedNetworks networks, Listen listen) throws VpcException {
    var there = networks.listening(listen.virtualNetworkId());
    var home = there.get(0).mesh().eventLoop();
    var channel = new MeshServerChannel(networks, listen, home);
    Promise<Channel> promise = home.newPromise();
    promise.addListener(
        done -> {
          if (!done.isSuccess()) {
            channel.close();
          }
        });
    home.execute(
        () -> {
          home.register(channel);
          channel.new Opening(there, promise).begin();
        });
    return promise;
  }

  // ---- beginning -------------------------------------------------------------------------------

  /** The same port in all networks that are there. */
  private final class Opening {
    private final List<JoinedNetwork> there;
    private final Promise<Channel> promise;
    private @Nullable VpcException unable; // why the last network that cannot listen cannot

    Opening(List<JoinedNetwork> there, Promise<Channel> promise) {
      this.there = there;
      this.promise = promise;
    }

    void begin() {
      next(there.iterator(), listen.port());
    }

    private void next(Iterator<JoinedNetwork> left, int port) {
      if (closed) {
        promise.tryFailure(
            new VpcException(
                ErrorCode.DESTINATION_UNAVAILABLE, Stage.CONFIGURE, "The mesh is closed."));
        return;
      }
      if (!left.hasNext()) {
        end();
        return;
      }
      var network = left.next();
      listen(
          network,
          port,
          done -> {
            if (done.isSuccess()) {
              var bound = (InetSocketAddress) done.getNow().localAddress();
              next(left, bound.getPort());
              return;
            }
            var failure = notListening(port, network.settings(), done.cause());
            if (done.cause() instanceof BindException) {
              promise.tryFailure(failure);
            } else {
              unable = failure;
              next(left, port);
            }
          });
    }

    private void end() {
      if (parts.isEmpty() && unable != null) {
        promise.tryFailure(unable);
        return;
      }
      for (var network : there) {
        var part = parts.get(network.mesh());
        if (part != null && local == null) {
          local = (InetSocketAddress) part.localAddress();
        }
      }
      if (local == null) { // they are left already
        local = new InetSocketAddress(listen.port());
      }
      pipeline().fireChannelActive();
      if (!promise.trySuccess(MeshServerChannel.this)) {
        close();
      } else if (unable != null) {
        LOG.warn("{}", unable.getMessage());
      }
      follow();
    }
  }

  private interface Listened {
    void onDone(Future<Channel> done);
  }

  /** Has a network listen, and says how that went, on our loop. */
  private void listen(JoinedNetwork network, int port, Listened then) {
    var mesh = network.mesh();
    opening.add(mesh);
    mesh.listen(port, listen.backlog(), new ByHand(mesh))
        .addListener(
            (Future<Channel> done) ->
                home.execute(
                    () -> {
                      opening.remove(mesh);
                      if (done.isSuccess()) {
                        add(mesh, done.getNow());
                      }
                      then.onDone(done);
                    }));
  }

  private void add(Mesh mesh, Channel part) {
    if (closed) {
      part.close();
      return;
    }
    parts.put(mesh, part);
    part.closeFuture().addListener(ended -> home.execute(() -> gone(mesh, part)));
    if (readWanted) {
      part.read();
    }
  }

  private static VpcException notListening(int port, MeshNetwork network, Throwable cause) {
    return cause instanceof BindException
        ? new VpcException(
            ErrorCode.CONFIGURATION_ERROR,
            Stage.CONFIGURE,
            "Port "
                + port
                + " of our "
                + (network.isOwn() ? "mesh addresses" : "addresses in network " + network.name())
                + " is taken: something in this process listens on it.",
            cause)
        : new VpcException(
            ErrorCode.DESTINATION_UNAVAILABLE,
            Stage.CONFIGURE,
            "Nothing can listen on port "
                + port
                + " of "
                + network.described()
                + ": "
                + cause.getMessage()
                + ".",
            cause);
  }

  // ---- networks that come and go ---------------------------------------------------------------

  private void follow() {
    var bound = local;
    if (networks.closed()) {
      close();
    }
    if (closed || bound == null) {
      return; // what has changed while it began is seen at the end of that
    }
    var there = networks.listeningNow(listen.virtualNetworkId());
    parts.forEach(
        (mesh, part) -> {
          if (there.stream().noneMatch(network -> network.mesh().equals(mesh))) {
            part.close();
          }
        });
    for (var network : there) {
      if (!parts.containsKey(network.mesh()) && !opening.contains(network.mesh())) {
        listen(
            network,
            bound.getPort(),
            done -> {
              if (!done.isSuccess()) {
                LOG.warn(
                    "{}",
                    notListening(bound.getPort(), network.settings(), done.cause()).getMessage());
              }
            });
      }
    }
  }

  private void gone(Mesh mesh, Channel part) {
    parts.remove(mesh, part);
    for (var arrival : List.copyOf(arrivals)) {
      if (arrival.mesh().equals(mesh)) {
        arrivals.remove(arrival);
        discard(arrival);
      }
    }
  }

  // ---- accepting -------------------------------------------------------------------------------

  /** In the pipeline of a network's server channel, which accepts when it is asked to. */
  private final class ByHand extends ChannelInitializer<Channel> {
    private final Mesh mesh;

    ByHand(Mesh mesh) {
      this.mesh = mesh;
    }

    @Override
    protected void initChannel(Channel server) {
      server.config().setAutoRead(false);
      server
          .pipeline()
          .addLast(
              new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext context, Object message) {
                  var arrival = new Arrival(mesh, (Channel) message);
                  home.execute(() -> arrived(arrival));
                }
              });
    }
  }

  private void arrived(Arrival arrival) {
    if (closed || !parts.containsKey(arrival.mesh())) {
      discard(arrival);
      return;
    }
    arrivals.add(arrival);
    hand();
  }

  private void hand() {
    if (!readWanted || closed) {
      return;
    }
    var next = arrivals.poll();
    if (next == null) {
      parts.values().forEach(Channel::read);
      return;
    }
    readWanted = false; // before handlers hear of it: they may want more
    pipeline().fireChannelRead(next);
    pipeline().fireChannelReadComplete();
  }

  /** Gives each accepted channel its pipeline and its event loop. */
  private final class Adopting extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var arrival = (Arrival) message;
      arrival
          .mesh()
          .eventLoop()
          .execute(() -> arrival.mesh().adopt(arrival.channel(), listen.initializer()));
    }
  }

  private static void discard(Arrival arrival) {
    arrival.mesh().eventLoop().execute(() -> arrival.channel().unsafe().closeForcibly());
  }

  // ---- the end ---------------------------------------------------------------------------------

  /** The port is free again before anybody hears that we are closed. */
  private final class PartsFirst extends ChannelOutboundHandlerAdapter {
    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
      closed = true;
      closeParts().addListener(ended -> context.close(promise));
    }
  }

  private Future<Void> closeParts() {
    var ended = home.<Void>newPromise();
    var combiner = new PromiseCombiner(home);
    parts.values().forEach(part -> combiner.add(part.close()));
    combiner.finish(ended);
    return ended;
  }

  @Override
  protected void doClose() {
    closed = true;
    unsubscribe.run();
    parts.values().forEach(Channel::close);
    for (var arrival = arrivals.poll(); arrival != null; arrival = arrivals.poll()) {
      discard(arrival);
    }
  }

  // ---- as a channel ----------------------------------------------------------------------------

  @Override
  protected void doBeginRead() {
    readWanted = true;
    home.execute(this::hand);
  }

  @Override
  protected void doBind(SocketAddress localAddress) {
    throw new UnsupportedOperationException("it listens from the start");
  }

  @Override
  protected boolean isCompatible(EventLoop eventLoop) {
    return eventLoop == home;
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    return local;
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public boolean isActive() {
    return !closed && local != null;
  }
}

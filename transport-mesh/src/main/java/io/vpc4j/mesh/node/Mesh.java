package io.vpc4j.mesh.node;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.directory.Policy;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.IpAddress.Family;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.mesh.channel.NetstackChannel;
import io.vpc4j.mesh.channel.NetstackDatagramChannel;
import io.vpc4j.mesh.channel.NetstackServerChannel;
import io.vpc4j.mesh.link.UdpLink;
import io.vpc4j.mesh.loop.MeshLoop;
import io.vpc4j.mesh.netstack.Netstack;
import io.vpc4j.mesh.wireguard.WireGuard;
import io.vpc4j.mesh.wireguard.WireGuardEvent;
import io.vpc4j.mesh.wireguard.WireGuardLimits;
import io.vpc4j.mesh.wireguard.crypto.AeadProvider;
import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node: engines, loop, peers.
 *
 * <p>Opening returns at once; dials wait until the UDP port is bound. All methods may be called
 * from any thread and none blocks but {@link #close}.
 */
public final class Mesh implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Mesh.class);
  private static final long LINGER_MS = 1_000;
  private static final long PEERS_END_MS = 100; // it would wait for us, if we left before
  private static final long LOOK_AGAIN_MS = 2;
  private static final int OUTER_OCTETS = 80; // more than WireGuard adds to a packet

  private final MeshConfig config;
  private final EventLoop eventLoop;
  private final MeshLoop loop;
  private final MeshRoutes routes;
  private final Members members;
  private final EndpointNames names;
  private final EndpointMemory memory;
  private final SecureRandom random;
  private final DefaultChannelGroup channels;
  private final ChannelFuture bound;
  private final String reader;
  private final FailOver failOver;
  private final OnwardFlows onward;
  private final Echoes echoes;
  private final StatusKeeper status;
  private final Recordings recordings;
  private final Promise<Void> ended;
  private volatile boolean closed;

  private Mesh(
      MeshConfig config,
      EventLoops loops,
      ByteBufAllocator allocator,
      Ticker ticker,
      SecureRandom random,
      Recordings recordings) {
    this.config = config;
    this.random = random;
    this.recordings = recordings;
    eventLoop = loops.group().next();
    ended = eventLoop.newPromise();
    channels = new DefaultChannelGroup("vpc4j-mesh", eventLoop, true);
    var mtu = config.netstack().mtuOctets();
    var key = PrivateKey.of(config.privateKey().reveal());
    var building =
        WireGuard.builder(key, random::nextBytes, Ticker::unixNs)
            .aeads(AeadProvider.chosen())
            .limits(WireGuardLimits.DEFAULTS.withMtuOctets(mtu));
    var keyLog = recordings.keyLog();
    if (keyLog != null) {
      building.keyLog(keyLog);
    }
    var wireGuard = building.build();
    key.wipe(); // the engine has its own copy
    routes = new MeshRoutes(config, wireGuard);
    var stack = new Netstack(config.netstack(), routes, random::nextLong, ticker.nowNs());
    var binding =
        UdpLink.bind(loops, eventLoop, config.listenPort(), mtu + OUTER_OCTETS, allocator);
    bound = binding.bound();
    reader = binding.link().datagramReader().described();
    loop = new MeshLoop(eventLoop, ticker, wireGuard, stack, binding.link());
    names = new EndpointNames();
    memory = new EndpointMemory(config.memory());
    members = new Members(loop, routes, names, memory);
    failOver = new FailOver(loop, members);
    onward =
        new OnwardFlows(
            loop, loops, new AddressPolicy(config.onward()), config.translations(), channels);
    echoes = new Echoes(loop);
    status = new StatusKeeper(loop, members, failOver, channels, memory, config.addresses());
    bound.addListener(done -> onBound());
  }

  /**
   * Opens a node.
   *
   * @param loops one of them is the node's
   * @throws IOException if a recording cannot be written
   */
  public static Mesh open(
      MeshConfig config,
      EventLoops loops,
      ByteBufAllocator allocator,
      Ticker ticker,
      SecureRandom random)
      throws IOException {
    return new Mesh(config, loops, allocator, ticker, random, Recordings.open(config));
  }

  private void onBound() {
    if (!bound.isSuccess()) {
      LOG.error(
          "{} cannot listen on UDP port {}: {}. Set \"listen_port\" to another one, or to 0.",
          described(),
          config.listenPort(),
          bound.cause().getMessage());
      return;
    }
    var pcap = recordings.pcap();
    if (pcap != null) {
      loop.tap((packet, direction, nodeId) -> pcap.write(packet, Ticker.unixNs()));
    }
    loop.start(onward::onOffer, this::onEvent);
    status.start();
    LOG.info(
        "{} listens on UDP port {}; datagrams are read by {}, and sealed by {}.",
        described(),
        loop.localPort(),
        reader,
        loop.wireGuard().aeadName());
  }

  private String described() {
    return config.network().isEmpty() ? "The mesh" : "Network " + config.network();
  }

  private void onEvent(WireGuardEvent event) {
    var member = members.byPeer(event.peer());
    if (member == null) {
      return;
    }
    if (event instanceof WireGuardEvent.HandshakeUnanswered unanswered) {
      LOG.debug("Node {} does not answer: {}", member.record.nodeId(), unanswered.inARow());
      members.resolve(member); // its name may lead elsewhere by now
    } else if (event instanceof WireGuardEvent.HandshakeCompleted && !member.connected) {
      member.connected = true;
      LOG.info("{} is connected, at {}.", member.record.name(), event.peer().endpoint());
    } else if (event instanceof WireGuardEvent.HandshakeGaveUp
        || event instanceof WireGuardEvent.KeysErased) {
      if (member.connected) {
        LOG.info("{} is not connected any more.", member.record.name());
      }
      member.connected = false;
    } else if (event instanceof WireGuardEvent.EndpointChanged changed) {
      LOG.debug("Node {} is at {}", member.record.nodeId(), changed.to());
    }
    failOver.onEvent(member, event);
  }

  /**
   * Who takes part from now on.
   *
   * @return completes once they are known
   */
  public Future<Boolean> apply(Collection<NodeRecord> records) {
    var copy = List.copyOf(records);
    return ask(
        () -> {
          members.apply(copy);
          failOver.onMembers();
          status.write();
          return true;
        });
  }

  /** What packets from one peer to another may reach from now on; empty: none are forwarded. */
  public void hub(Optional<Policy> allowed) {
    loop.submit(() -> routes.hub(allowed));
  }

  // ---- dialling --------------------------------------------------------------------------------

  /**
   * Connects over a peer, or over another that announces the same while that one is dead.
   *
   * @param nodeId the peer that the route names; empty for whichever has the address
   * @param initializer of the channel's pipeline
   * @return fails with what the JDK's sockets throw; cancelling it gives the dial up
   */
  public Future<Channel> connect(
      String nodeId, IpAddress to, int port, ChannelHandler initializer) {
    Promise<Channel> promise = eventLoop.newPromise();
    var remote = new InetSocketAddress(to.toInetAddress(), port);
    whenBound(
        promise,
        () -> dial(new NetstackChannel(loop, link(nodeId, to)), remote, initializer, promise));
    return promise;
  }

  /** As {@link #connect}, for datagrams. */
  public Future<Channel> connectDatagrams(
      String nodeId, IpAddress to, int port, ChannelHandler initializer) {
    Promise<Channel> promise = eventLoop.newPromise();
    whenBound(
        promise,
        () ->
            dial(
                new NetstackDatagramChannel(loop, link(nodeId, to)),
                new InetSocketAddress(to.toInetAddress(), port),
                initializer,
                promise));
    return promise;
  }

  private void whenBound(Promise<?> promise, Step step) {
    bound.addListener(
        done -> {
          if (!bound.isSuccess()) {
            promise.tryFailure(new IOException("the mesh has no UDP port", bound.cause()));
            return;
          }
          var taken =
              loop.submit(
                  () -> {
                    try {
                      if (closed) {
                        throw new IOException("the mesh is closed");
                      }
                      if (!promise.isDone()) {
                        step.run();
                      }
                    } catch (IOException e) {
                      promise.tryFailure(e);
                    }
                  });
          if (!taken) {
            promise.tryFailure(new RejectedExecutionException("too many dials wait"));
          }
        });
  }

  private interface Step {
    void run() throws IOException;
  }

  private void dial(
      Channel channel,
      InetSocketAddress remote,
      ChannelHandler initializer,
      Promise<Channel> promise) {
    channel.pipeline().addLast(initializer);
    promise.addListener(
        done -> {
          if (!done.isSuccess()) {
            channel.close();
          }
        });
    channels.add(channel);
    eventLoop.register(channel);
    channel
        .connect(remote)
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                promise.tryFailure(done.cause());
              } else if (!promise.trySuccess(channel)) {
                channel.close();
              }
            });
  }

  /** The peer that leads there. */
  private int link(String nodeId, IpAddress to) throws NoRouteToHostException {
    var member = members.leadsTo(nodeId, to);
    if (member != null && member.link != null) {
      return member.link.index();
    }
    return link(to);
  }

  private int link(IpAddress to) throws NoRouteToHostException {
    var index = loop.stack().linkTo(to.family() == Family.V6, to.high(), to.low());
    if (index == Netstack.NONE) {
      throw new NoRouteToHostException("no node of the mesh announces " + to);
    }
    var owner = members.byLink(index);
    var member = owner == null ? null : members.leadsTo(owner.record.nodeId(), to);
    return member == null || member.link == null ? index : member.link.index();
  }

  // ---- listening and asking --------------------------------------------------------------------

  /**
   * Listens on a port of our mesh addresses.
   *
   * @param port 0 for any
   * @param backlog how many connections may be established and not yet accepted
   * @param acceptor of the server channel's pipeline; it reads a channel for each connection, which
   *     it must give to {@link #adopt}
   */
  public Future<Channel> listen(int port, int backlog, ChannelHandler acceptor) {
    Promise<Channel> promise = eventLoop.newPromise();
    whenBound(
        promise,
        () -> {
          var channel = new NetstackServerChannel(loop, backlog, random::nextLong);
          channel.pipeline().addLast(acceptor);
          channels.add(channel);
          eventLoop.register(channel);
          var address = config.addresses().isEmpty() ? null : config.addresses().get(0);
          var local =
              address == null
                  ? new InetSocketAddress(port)
                  : new InetSocketAddress(address.toInetAddress(), port);
          channel
              .bind(local)
              .addListener(
                  done -> {
                    if (done.isSuccess()) {
                      promise.trySuccess(channel);
                    } else {
                      promise.tryFailure(done.cause());
                      channel.close();
                    }
                  });
        });
    return promise;
  }

  /** Has an accepted channel run, with {@code initializer} in its pipeline. On the loop. */
  public void adopt(Channel accepted, ChannelHandler initializer) {
    accepted.pipeline().addLast(initializer);
    channels.add(accepted);
    eventLoop.register(accepted);
  }

  /**
   * Sends one echo request over a peer, chosen as {@link #connect} chooses it.
   *
   * @param dataOctets 0 to what fits one packet
   * @return what came back; fails if nothing does within {@code timeout}; cancelling it forgets the
   *     request
   */
  public Future<EchoAnswer> ping(String nodeId, IpAddress to, int dataOctets, Duration timeout) {
    Promise<EchoAnswer> promise = eventLoop.newPromise();
    whenBound(promise, () -> echoes.send(to, link(nodeId, to), dataOctets, timeout, promise));
    return promise;
  }

  // ---- facts -----------------------------------------------------------------------------------

  /** Calls {@code question} on the loop and gives its answer. */
  <T> Future<T> ask(Supplier<T> question) {
    Promise<T> promise = eventLoop.newPromise();
    if (!loop.submit(
        () -> {
          try {
            promise.trySuccess(question.get());
          } catch (RuntimeException e) {
            promise.tryFailure(e);
            throw e; // the loop's to log
          }
        })) {
      promise.tryFailure(new RejectedExecutionException("too many questions wait"));
    }
    return promise;
  }

  /** The addresses of the participant of that name, without {@code .mesh}; may be empty. */
  public Future<List<IpAddress>> addressesOf(String name) {
    return ask(() -> members.addressesOf(name));
  }

  /** The thread. */
  public EventLoop eventLoop() {
    return eventLoop;
  }

  /** Completes when the UDP port is bound. */
  public ChannelFuture bound() {
    return bound;
  }

  /** The UDP port, once it is bound; else 0. */
  public int localPort() {
    return loop.localPort();
  }

  /** What it was told of itself. */
  public MeshConfig config() {
    return config;
  }

  /** Whether it is closed. */
  public boolean closed() {
    return closed;
  }

  /** Channels that are open. */
  public int channelCount() {
    return channels.size();
  }

  /** How it stood a moment ago, at most a second; on any thread. */
  public MeshStatus status() {
    return status.latest();
  }

  // ---- the end ---------------------------------------------------------------------------------

  /**
   * Begins to end, as {@link #close} does, and waits for nothing: so that several nodes end at the
   * same time.
   */
  public void beginClose() {
    if (closed) {
      return;
    }
    closed = true;
    names.close();
    failOver.close();
    onward.close();
    try {
      channels.close().addListener(done -> eventLoop.execute(() -> linger(LINGER_MS)));
    } catch (RejectedExecutionException e) {
      ended.trySuccess(null); // the loops ended first
    }
  }

  /**
   * Closes every channel, waits until the other ends have what was written and the end behind it,
   * at most a second, resets the connections for which that was not enough, and stops; waits at
   * most 2 s.
   */
  @Override
  public void close() {
    beginClose();
    if (!eventLoop.inEventLoop()) {
      ended.awaitUninterruptibly(1_500, TimeUnit.MILLISECONDS);
      memory.close();
    }
  }

  /** A kernel goes on sending when the program has ended; this one ends with it. */
  private void linger(long leftMs) {
    var stack = loop.stack();
    var early = leftMs > LINGER_MS - PEERS_END_MS;
    if (!loop.closed() && leftMs > 0 && (stack.lingers() || (early && stack.awaitsPeersEnd()))) {
      eventLoop.schedule(
          () -> linger(leftMs - LOOK_AGAIN_MS), LOOK_AGAIN_MS, TimeUnit.MILLISECONDS);
      return;
    }
    if (!loop.closed()) {
      loop.stack().abortLingering(loop.nowNs());
      status.write();
    }
    loop.close();
    recordings.close();
    ended.trySuccess(null);
  }
}

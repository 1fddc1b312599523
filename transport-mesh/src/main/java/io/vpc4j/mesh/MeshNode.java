package io.vpc4j.mesh;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.directory.MeshNetwork;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.directory.Policy;
import io.vpc4j.core.directory.VirtualNetwork;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Secret;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.core.ops.StatusSource;
import io.vpc4j.mesh.netstack.Netstack;
import io.vpc4j.mesh.netstack.NetstackSettings;
import io.vpc4j.mesh.node.EchoAnswer;
import io.vpc4j.mesh.node.Mesh;
import io.vpc4j.mesh.node.MeshConfig;
import io.vpc4j.mesh.node.MeshConfig.Translation;
import io.vpc4j.mesh.node.MeshNames;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A mesh node in this process: a WireGuard peer with a TCP/IP stack of its own, no root, no device.
 *
 * <p>Flows to the prefixes it announces ({@link Builder#route}) end in its stack and go on as
 * ordinary sockets of this process, as far as {@link Builder#policy} allows: TCP, UDP, and echo as
 * far as the operating system lets an ordinary user ask. Packets from one of its peers to another
 * are forwarded, as far as {@link Builder#hub} allows.
 *
 * <p>Safe for use by many threads. It runs until it is closed; its threads are daemons.
 */
public final class MeshNode implements AutoCloseable {

  private static final int KEY_OCTETS = 32;
  private static final int START_SECONDS = 10; // a turn of the loop is milliseconds
  private static final int MAX_PING_OCTETS = 1_200; // fits any packet that a node may send

  private final EventLoops loops;
  private final Mesh mesh;
  private final MeshNames names;

  private MeshNode(EventLoops loops, Mesh mesh, SecureRandom random) {
    this.loops = loops;
    this.mesh = mesh;
    names = new MeshNames(mesh, random);
  }

  /** A node to be described. */
  public static Builder builder() {
    return new Builder();
  }

  /** Who takes part from now on, in place of those before. */
  public void peers(List<NodeRecord> peers) {
    mesh.apply(peers);
  }

  /** The UDP port that peers call. */
  public int listenPort() {
    return mesh.localPort();
  }

  /** Our own addresses in the mesh. */
  public List<IpAddress> addresses() {
    return mesh.config().addresses();
  }

  /** How it stood a moment ago, at most a second. */
  public MeshNodeStatus status() {
    return MeshNodeStatus.of(mesh.status());
  }

  /** The same for people, for Prometheus and for programs: to be given to an ops server. */
  public StatusSource statusSource() {
    return new MeshReport(mesh);
  }

  /**
   * Sends one echo request over the mesh, with 32 octets.
   *
   * @return how long the reply took; fails with an {@link IOException} if none comes in time
   */
  public CompletableFuture<Duration> ping(IpAddress to, Duration timeout) {
    return ping("", to, 32, timeout).thenApply(PingReply::roundTrip);
  }

  /**
   * Sends one echo request over the mesh.
   *
   * @param nodeId the peer that a route names; empty for whichever has the address
   * @param dataOctets 0 to 1,200
   * @param timeout for the reply
   * @return the reply; fails with a {@link PingRefusedException} if somebody says that there will
   *     be none, a {@link java.net.SocketTimeoutException} if none comes in time, and an {@link
   *     IOException} if the request cannot be sent
   */
  public CompletableFuture<PingReply> ping(
      String nodeId, IpAddress to, int dataOctets, Duration timeout) {
    if (dataOctets < 0 || dataOctets > MAX_PING_OCTETS) {
      throw new IllegalArgumentException("0 to " + MAX_PING_OCTETS + " octets, not " + dataOctets);
    }
    var asked = completable(mesh.ping(nodeId, to, dataOctets, timeout));
    var reply = asked.thenCompose(answer -> reply(to, answer));
    reply.whenComplete(
        (value, failure) -> {
          if (reply.isCancelled()) {
            asked.cancel(false);
          }
        });
    return reply;
  }

  private static CompletableFuture<PingReply> reply(IpAddress to, EchoAnswer answer) {
    if (answer.refusal().isPresent()) {
      var refusal = answer.refusal().orElseThrow();
      return CompletableFuture.failedFuture(
          new PingRefusedException(to, refusal.from(), refusal.error()));
    }
    return CompletableFuture.completedFuture(new PingReply(answer.roundTrip(), answer.hopLimit()));
  }

  /**
   * Connects a stream over the mesh.
   *
   * @param initializer what to add to the channel's pipeline
   * @return completes when the other end has accepted; fails with an {@link IOException}
   */
  public Future<Channel> connect(IpAddress to, int port, ChannelHandler initializer) {
    return mesh.connect("", to, port, initializer);
  }

  /**
   * Opens a flow of datagrams over the mesh: a channel that takes {@link io.netty.buffer.ByteBuf}s
   * and reads {@link io.netty.channel.socket.DatagramPacket}s.
   *
   * @param initializer what to add to the channel's pipeline
   * @return completes once there is a way there, which says nothing of the other end
   */
  public Future<Channel> connectDatagrams(IpAddress to, int port, ChannelHandler initializer) {
    return mesh.connectDatagrams("", to, port, initializer);
  }

  /**
   * Accepts connections on a port of our mesh addresses.
   *
   * @param port 0 for any
   * @param initializer what to add to each accepted channel's pipeline
   * @return the listening channel; closing it ends that
   */
  public Future<Channel> listen(int port, ChannelHandler initializer) {
    return mesh.listen(port, Netstack.DEFAULT_BACKLOG, new Acceptor(mesh, initializer));
  }

  /**
   * Resolves a name as the mesh knows it: {@code NAME.mesh} by the list of peers, others by asking
   * resolvers over the mesh.
   *
   * @param name in lower case, without a final dot
   * @param nodeId the peer behind whom the resolvers are; empty, or one that does not announce
   *     their addresses, for whoever has them
   * @param resolvers in the order to be asked, each for 4 s; the last has no deadline but the
   *     caller's, who cancels
   * @return addresses in the order to be tried; fails with an {@link java.net.UnknownHostException}
   *     where the answer is no
   */
  public CompletableFuture<List<IpAddress>> resolve(
      String name, String nodeId, List<InetSocketAddress> resolvers) {
    return completable(names.resolve(name, nodeId, resolvers));
  }

  /** The same as a future of the JDK's; cancelling it cancels the other. */
  private static <T> CompletableFuture<T> completable(Future<T> future) {
    var result = new CompletableFuture<T>();
    result.whenComplete(
        (value, failure) -> {
          if (result.isCancelled()) {
            future.cancel(false);
          }
        });
    future.addListener(
        (Future<T> done) -> {
          if (done.isSuccess()) {
            result.complete(done.getNow());
          } else {
            result.completeExceptionally(done.cause());
          }
        });
    return result;
  }

  /**
   * Ends every flow and stops: what was written is still sent, for at most a second; a connection
   * for which that is not enough is reset. Waits at most 7 s. May be called again.
   */
  @Override
  public void close() {
    mesh.close();
    loops.close();
  }

  /** What a node is to be. Each setting may be given once, but for those that add. */
  public static final class Builder {

    private @Nullable Secret privateKey;
    private int listenPort;
    private final List<IpAddress> addresses = new ArrayList<>();
    private final List<NodeRecord> peers = new ArrayList<>();
    private final List<Cidr> routes = new ArrayList<>();
    private final List<Translation> translations = new ArrayList<>();
    private Policy policy = Policy.BUILT_IN;
    private Optional<Policy> hub = Optional.empty();
    private int mtuOctets = NetstackSettings.DEFAULT_MTU_OCTETS;
    private Optional<Path> pcap = Optional.empty();
    private Optional<Path> keyLog = Optional.empty();
    private Optional<Path> memory = Optional.empty();

    private Builder() {}

    /** Our Curve25519 key, 32 octets. Needed. */
    public Builder privateKey(Secret key) {
      privateKey = key;
      return this;
    }

    /** Our key in base64, as WireGuard's tools print it. */
    public Builder privateKey(String base64) {
      return privateKey(Secret.of(Base64.getDecoder().decode(base64)));
    }

    /**
     * All that a wg-quick file says of this side and of its peers, who are named {@code peer-1} and
     * so on. What it says to a kernel, such as {@code PostUp}, {@code Table} or {@code DNS}, means
     * nothing here.
     */
    public Builder wgQuick(WgQuickFile file) {
      var self = file.self();
      privateKey(self.privateKey());
      listenPort(self.listenPort().orElse(0));
      self.addresses().forEach(own -> address(own.address()));
      self.mtuOctets().ifPresent(this::mtu);
      for (int number = 1; number <= file.peers().size(); number++) {
        peer(record("peer-" + number, file.peers().get(number - 1)));
      }
      return this;
    }

    private static NodeRecord record(String name, WgQuickFile.Peer peer) {
      var addresses = new ArrayList<IpAddress>();
      var routes = new ArrayList<NodeRecord.Announcement>();
      for (var allowed : peer.allowedIps()) {
        if (allowed.prefixLength() == allowed.network().family().bits()) {
          addresses.add(allowed.network());
        } else {
          routes.add(
              new NodeRecord.Announcement(allowed, VirtualNetwork.DEFAULT.virtualNetworkId(), ""));
        }
      }
      return new NodeRecord(
          name,
          name,
          NodeRecord.Kind.NODE,
          addresses,
          routes,
          NodeRecord.DEFAULT_PRIORITY,
          Optional.of(
              new NodeRecord.Peer(
                  peer.publicKey(),
                  peer.endpoint(),
                  peer.presharedKey(),
                  peer.persistentKeepalive())));
    }

    /** The UDP port that peers call; 0, the default, for any. */
    public Builder listenPort(int port) {
      listenPort = port;
      return this;
    }

    /** Adds an address of ours in the mesh; one at least is needed. */
    public Builder address(IpAddress address) {
      addresses.add(address);
      return this;
    }

    /** Adds a peer. */
    public Builder peer(NodeRecord peer) {
      peers.add(peer);
      return this;
    }

    /** Adds a prefix whose flows end here and go on as ordinary sockets. */
    public Builder route(Cidr prefix) {
      routes.add(prefix);
      return this;
    }

    /**
     * Adds a prefix that is another one in the network behind, address by address: so that two
     * networks of the same addresses can both be reached.
     *
     * @param onward of the same length
     */
    public Builder route(Cidr prefix, Cidr onward) {
      translations.add(new Translation(prefix, onward));
      return route(prefix);
    }

    /**
     * What flows to our routes may reach, in the network behind. By default everything but
     * link-local and metadata addresses; rules about names do not apply.
     */
    public Builder policy(Policy newPolicy) {
      policy = newPolicy;
      return this;
    }

    /** Forwards packets between peers to what this policy allows. By default none are. */
    public Builder hub(Policy allowed) {
      hub = Optional.of(allowed);
      return this;
    }

    /** The longest packet inside, 1,280 to 65,000 octets; 1,420 by default. */
    public Builder mtu(int octets) {
      mtuOctets = octets;
      return this;
    }

    /**
     * Keeps in a file where peers were last, and calls those there that have no endpoint: so that a
     * node that is started again need not wait until they call. Nothing is kept while the file's
     * folder is not there.
     */
    public Builder memory(Path file) {
      memory = Optional.of(file);
      return this;
    }

    /**
     * Records every packet inside, in a file for Wireshark that its owner alone may read. One that
     * is there is overwritten.
     */
    public Builder pcap(Path file) {
      pcap = Optional.of(file);
      return this;
    }

    /**
     * Writes the keys of every handshake to a file that Wireshark reads as {@code wg.keylog_file},
     * so that a capture of the UDP port shows what is inside. Whoever has the file reads every
     * packet, and can be this node: for finding a fault, and for nothing else.
     *
     * @param file its owner alone may read it; one that is there is gone on with, unless others may
     *     read it
     */
    public Builder keyLog(Path file) {
      keyLog = Optional.of(file);
      return this;
    }

    /**
     * Starts the node.
     *
     * @return once its UDP port is bound and its peers are known
     * @throws IOException if it cannot be, or a file of {@link #pcap} or {@link #keyLog} not be
     *     made
     * @throws IllegalStateException if the key or an address is missing
     */
    public MeshNode start() throws IOException {
      var key = privateKey;
      if (key == null || key.reveal().length != KEY_OCTETS) {
        throw new IllegalStateException("a node needs a private key of 32 octets");
      }
      if (addresses.isEmpty()) {
        throw new IllegalStateException("a node needs an address in the mesh");
      }
      var config =
          new MeshConfig(
              MeshNetwork.OWN,
              key,
              listenPort,
              addresses,
              routes,
              translations,
              policy,
              hub,
              NetstackSettings.defaults().withMtu(mtuOctets),
              pcap,
              keyLog,
              memory);
      var loops = EventLoops.open(EventLoops.best(), 1);
      try {
        var random = new SecureRandom();
        var mesh =
            Mesh.open(config, loops, PooledByteBufAllocator.DEFAULT, Ticker.system(), random);
        mesh.bound().awaitUninterruptibly();
        if (!mesh.bound().isSuccess()) {
          throw new IOException(
              "UDP port " + listenPort + " cannot be bound: " + mesh.bound().cause().getMessage(),
              mesh.bound().cause());
        }
        var known = mesh.apply(peers); // so that who calls at once is
        if (!known.awaitUninterruptibly(START_SECONDS, TimeUnit.SECONDS) || !known.isSuccess()) {
          throw new IOException("The node did not take its peers.", known.cause());
        }
        return new MeshNode(loops, mesh, random);
      } catch (IOException | RuntimeException e) {
        loops.close();
        throw e;
      }
    }
  }
}

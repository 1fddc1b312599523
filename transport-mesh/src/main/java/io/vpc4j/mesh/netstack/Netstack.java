package io.vpc4j.mesh.netstack;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.IpAddress.Family;
import io.vpc4j.mesh.netstack.NetstackCounters.Counter;
import io.vpc4j.mesh.netstack.icmp.IcmpErrors.Problem;
import io.vpc4j.mesh.netstack.ip.PathMtus;
import io.vpc4j.mesh.netstack.tcp.TcpConnection;
import io.vpc4j.mesh.netstack.tcp.TcpFlow;
import io.vpc4j.mesh.netstack.tcp.TcpHost;
import io.vpc4j.mesh.netstack.tcp.TcpListener;
import io.vpc4j.mesh.netstack.tcp.TcpSettings;
import io.vpc4j.mesh.netstack.udp.EphemeralPorts;
import io.vpc4j.mesh.netstack.wire.IpProtocol;
import io.vpc4j.mesh.netstack.wire.Ipv4Header;
import io.vpc4j.mesh.netstack.wire.Ipv6Header;
import io.vpc4j.mesh.netstack.wire.SipHash;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A host's network as a machine: packets, calls and the time go in; packets, news for the owners of
 * flows, and a deadline come out.
 *
 * <p>The loop that owns it calls, each turn: {@link #onPacket} for what has come, {@link #onTime},
 * {@link #pollReady} and {@link #pollOffer} until they give null, {@link #poll} until it gives
 * {@link #NONE}; and is back no later than {@link #deadlineNs}. Any call of a flow or of the stack
 * may give something to poll.
 *
 * <p>Nothing is allocated for a packet of a flow that exists. No thread, socket, lock, clock or
 * chance of its own.
 */
public final class Netstack {

  /** What {@link #onPacket} and {@link #poll} give where they give no link. */
  public static final int NONE = -1;

  /** Packets that one flow sends before the next has its turn. */
  private static final int BURST = 8;

  private static final int HALF_OPEN = 256;

  /** A backlog, for who has no opinion. */
  public static final int DEFAULT_BACKLOG = 512;

  final NetstackSettings settings;
  final Routing routing;
  final NetstackCounters counters = new NetstackCounters();
  final TcpHost host;
  final FlowTable flows;
  final PathMtus mtus;
  final Replies replies;
  final Map<Integer, TcpServer> servers = new HashMap<>();
  final Map<Integer, UdpSocket> bound = new HashMap<>();
  final ArrayDeque<Offer> offers = new ArrayDeque<>();
  final TcpListener announced;

  private final Inbound inbound;
  private final DeadlineHeap deadlines = new DeadlineHeap();
  private final ArrayDeque<Flow> sending = new ArrayDeque<>();
  private final ArrayDeque<Flow> ready = new ArrayDeque<>();
  private final FlowCensus census = new FlowCensus();
  private final SipHash secrets;
  private final EphemeralPorts ports;
  private int burst;
  private int identification;
  private int echoIdentifier;
  private int echoSequence;

  /** The link of the packet that a flow just gave, where it has several. */
  int polledLink;

  /**
   * Makes a stack with no flow.
   *
   * @param random unpredictable to peers: ports, sequence numbers and the keys of hashes come of it
   */
  public Netstack(NetstackSettings settings, Routing routing, LongSupplier random, long nowNs) {
    this.settings = settings;
    this.routing = routing;
    host = new TcpHost(settings.tcpLimits());
    flows = new FlowTable(new SipHash(random.getAsLong(), random.getAsLong()));
    secrets = new SipHash(random.getAsLong(), random.getAsLong());
    ports = new EphemeralPorts(random);
    identification = (int) random.getAsLong();
    echoIdentifier = (int) random.getAsLong() & 0xffff;
    mtus = new PathMtus(settings.mtuOctets());
    replies = new Replies(settings.mtuOctets());
    var cookies = new SipHash(random.getAsLong(), random.getAsLong());
    // Each has been offered and taken, so that the bound is that of offers.
    announced =
        new TcpListener(host, settings.tcp(), settings.maxFlows(), settings.maxFlows(), cookies);
    var onward = new FlowHash(new SipHash(random.getAsLong(), random.getAsLong()));
    inbound = new Inbound(this, onward, nowNs);
  }

  // ---- inputs ----------------------------------------------------------------------------------

  /**
   * A packet has come, from position to limit, with room for a header in front where it may have to
   * go on.
   *
   * @param packet on the heap, big-endian; lent until this returns
   * @param link the peer it came from, who may send from its source address
   * @return {@link #NONE}, or the link by which the packet goes on: it has one hop less, and its
   *     padding is off
   */
  public int onPacket(ByteBuffer packet, int link, long nowNs) {
    return inbound.onPacket(packet, link, nowNs);
  }

  /** Time has passed; {@link #deadlineNs} may have. */
  public void onTime(long nowNs) {
    for (var flow = deadlines.pollDue(nowNs); flow != null; flow = deadlines.pollDue(nowNs)) {
      if (flow.deadlineNs() != Long.MAX_VALUE && nowNs - flow.deadlineNs() >= 0) {
        flow.onTime(nowNs);
        ready(flow);
      }
      touched(flow);
    }
    inbound.onTime(nowNs);
  }

  /** A peer is gone: flows over its link end, with a reason. */
  public void onLinkDown(int link, long nowNs) {
    flows.forEach(
        flow -> {
          if (flow.link == link) {
            flow.onLinkDown(nowNs);
            touched(flow);
          }
        });
  }

  /**
   * Whether a connection that its owner has closed has octets, or its end, that the other end has
   * not acknowledged. Looks at every flow.
   */
  public boolean lingers() {
    var found = new boolean[1];
    flows.look(flow -> found[0] |= flow instanceof TcpSocket socket && socket.lingers());
    return found[0];
  }

  /**
   * Whether a connection that its owner has closed waits for the other end's. As {@link #lingers}.
   */
  public boolean awaitsPeersEnd() {
    var found = new boolean[1];
    flows.look(flow -> found[0] |= flow instanceof TcpSocket socket && socket.awaitsPeersEnd());
    return found[0];
  }

  /** Resets every connection that still {@link #lingers}, so that its other end need not wait. */
  public void abortLingering(long nowNs) {
    flows.forEach(
        flow -> {
          if (flow instanceof TcpSocket socket && socket.lingers()) {
            socket.abort(nowNs);
          }
        });
  }

  // ---- outputs ---------------------------------------------------------------------------------

  /**
   * Writes the next packet to send at the position of {@code packet} and sets its limit; the
   * position stays.
   *
   * @param packet on the heap, big-endian, with {@link NetstackSettings#mtuOctets} remaining
   * @return the link it leaves by, or {@link #NONE} if there is nothing to send
   */
  public int poll(ByteBuffer packet, long nowNs) {
    var link = replies.poll(packet);
    if (link != NONE) {
      counters.add(Counter.PACKETS_OUT);
      return link;
    }
    for (var flow = sending.peekFirst(); flow != null; flow = sending.peekFirst()) {
      polledLink = flow.link;
      if (flow.pollPacket(packet, nowNs)) {
        if (++burst >= BURST) {
          burst = 0;
          sending.pollFirst();
          sending.addLast(flow);
        }
        counters.add(Counter.PACKETS_OUT);
        return polledLink;
      }
      burst = 0;
      sending.pollFirst();
      flow.inSending = false;
      if (flow.over()) {
        forget(flow);
      } else {
        deadlines.schedule(flow, flow.deadlineNs());
      }
    }
    return NONE;
  }

  /** A flow that has something for its owner, or null. The owner asks it what. */
  public @Nullable Flow pollReady(long nowNs) {
    for (var flow = ready.pollFirst(); flow != null; flow = ready.pollFirst()) {
      flow.inReady = false;
      var owner = flow.owner();
      if (owner instanceof TcpServer server) {
        onReadyUnaccepted(server, (TcpSocket) flow, nowNs);
      } else if (owner == null) {
        flow.onReadyUnowned(nowNs);
      } else {
        return flow;
      }
    }
    return null;
  }

  private void onReadyUnaccepted(TcpServer server, TcpSocket socket, long nowNs) {
    if (socket.connection().failure() == null) {
      server.changed();
    } else {
      server.forget(socket.connection());
      socket.owner(null);
      socket.onReadyUnowned(nowNs);
    }
  }

  /** Whether {@link #pollReady} may have something. */
  public boolean hasReady() {
    return !ready.isEmpty();
  }

  /** A flow that somebody must take or refuse, or null. */
  public @Nullable Offer pollOffer() {
    return offers.pollFirst();
  }

  /** When to call {@link #onTime} at the latest, or {@link Long#MAX_VALUE}. */
  public long deadlineNs() {
    var reassembly = inbound.deadlineNs();
    var first = deadlines.deadlineNs();
    if (first == Long.MAX_VALUE || reassembly == Long.MAX_VALUE) {
      return Math.min(first, reassembly);
    }
    return first - reassembly < 0 ? first : reassembly;
  }

  /** Whether {@link #poll} may have something. */
  public boolean hasToSend() {
    return !sending.isEmpty() || replies.size() > 0;
  }

  // ---- calls: TCP ------------------------------------------------------------------------------

  /**
   * Begins a connection; the SYN is the next thing to poll.
   *
   * @param owner who is told
   * @throws FlowRefused if it cannot begin
   */
  public TcpSocket connect(
      IpAddress to, int port, int link, TcpSettings tcp, Object owner, long nowNs)
      throws FlowRefused {
    var local = requireLocal(to.family());
    roomForOneMore();
    var localPort = freePort(link, IpProtocol.TCP, local, to, port);
    var ends = new Flow.Endpoints(local, localPort, to, port);
    var connection = TcpConnection.open(host, tcpFlow(ends, link, nowNs), tcp, nowNs);
    var socket = new TcpSocket(this, link, ends, connection);
    socket.owner(owner);
    add(socket);
    return socket;
  }

  /**
   * Listens on a port of every local address.
   *
   * @param backlog how many connections may be established and not yet accepted
   * @param onAcceptable called on the loop when {@link TcpServer#accept} may have something
   * @throws FlowRefused if the port is taken
   */
  public TcpServer listen(
      int port, int backlog, TcpSettings tcp, LongSupplier random, Runnable onAcceptable)
      throws FlowRefused {
    var chosen = port == 0 ? ports.choose(free -> !servers.containsKey(free)) : port;
    if (chosen == 0 || servers.containsKey(chosen)) {
      throw new FlowRefused(FlowRefused.Reason.NO_PORT);
    }
    var cookies = new SipHash(random.getAsLong(), random.getAsLong());
    var listener = new TcpListener(host, tcp, HALF_OPEN, backlog, cookies);
    var server = new TcpServer(this, chosen, listener, onAcceptable);
    servers.put(chosen, server);
    return server;
  }

  void unlisten(TcpServer server) {
    servers.remove(server.port(), server);
  }

  // ---- calls: UDP and echo ---------------------------------------------------------------------

  /**
   * Makes a socket that talks to one other end.
   *
   * @throws FlowRefused if it cannot
   */
  public UdpSocket connectUdp(IpAddress to, int port, int link, Object owner) throws FlowRefused {
    var local = requireLocal(to.family());
    roomForOneMore();
    var localPort = freePort(link, IpProtocol.UDP, local, to, port);
    var socket = new UdpSocket(this, link, new Flow.Endpoints(local, localPort, to, port));
    socket.owner(owner);
    add(socket);
    return socket;
  }

  /**
   * Makes a socket on a port of ours, for everybody.
   *
   * @param local the address that datagrams leave from
   * @throws FlowRefused if the port is taken
   */
  public UdpSocket bindUdp(IpAddress local, int port, Object owner) throws FlowRefused {
    var chosen = port == 0 ? ports.choose(free -> !bound.containsKey(free)) : port;
    if (chosen == 0 || bound.containsKey(chosen)) {
      throw new FlowRefused(FlowRefused.Reason.NO_PORT);
    }
    var nobody = new IpAddress(local.family(), 0, 0);
    var socket = new UdpSocket(this, NONE, new Flow.Endpoints(local, chosen, nobody, 0));
    socket.owner(owner);
    bound.put(chosen, socket);
    return socket;
  }

  /**
   * Sends an echo request; the owner is told when it is over.
   *
   * @param dataOctets 0 to what fits one packet
   * @throws FlowRefused if it cannot
   */
  public EchoSocket ping(IpAddress to, int link, int dataOctets, long deadlineNs, Object owner)
      throws FlowRefused {
    var local = requireLocal(to.family());
    roomForOneMore();
    for (var tries = 0; tries < 0x1_0000; tries++) {
      echoSequence = (echoSequence + 1) & 0xffff;
      var ends = new Flow.Endpoints(local, echoIdentifier, to, echoSequence);
      if (find(link, IpProtocol.ICMP, ends) == null) {
        var socket = new EchoSocket(this, link, ends, dataOctets, deadlineNs);
        socket.owner(owner);
        add(socket);
        return socket;
      }
    }
    throw new FlowRefused(FlowRefused.Reason.NO_PORT);
  }

  // ---- calls: offers ---------------------------------------------------------------------------

  /** Takes an offered connection; null if its sender has given up or there is no room. */
  public @Nullable TcpSocket acceptTcp(Offer offer, Object owner, long nowNs) {
    return inbound.acceptTcp(offer, owner, nowNs);
  }

  /** Takes an offered flow of datagrams, the first of which is in its queue. */
  public @Nullable UdpSocket acceptUdp(Offer offer, Object owner, long nowNs) {
    return inbound.acceptUdp(offer, owner, nowNs);
  }

  /** Answers an offered echo request. */
  public void acceptEcho(Offer offer) {
    inbound.acceptEcho(offer);
  }

  /** Refuses a connection with a reset, as a host does whose port nobody has. */
  public void reset(Offer offer, long nowNs) {
    inbound.reset(offer, nowNs);
  }

  /** Refuses a flow with an ICMP error. */
  public void refuse(Offer offer, Problem problem, long nowNs) {
    inbound.refuse(offer, problem, nowNs);
  }

  /** Tells the other end of a flow that was accepted with an ICMP error. */
  public void refuse(UdpSocket flow, Problem problem, long nowNs) {
    inbound.refuse(flow, problem, nowNs);
  }

  // ---- for flows and the way in ----------------------------------------------------------------

  void add(Flow flow) {
    flows.add(flow);
    touched(flow);
  }

  /** Something may be to be sent, or the deadline is another. */
  void touched(Flow flow) {
    if (!flow.inSending) {
      flow.inSending = true;
      sending.addLast(flow);
    }
  }

  void ready(Flow flow) {
    if (!flow.inReady) {
      flow.inReady = true;
      ready.addLast(flow);
    }
  }

  private void forget(Flow flow) {
    deadlines.remove(flow);
    if (flow instanceof UdpSocket socket && !socket.connected()) {
      bound.remove(flow.localPort, flow);
    } else if (flows.remove(flow) && flow instanceof TcpSocket socket) {
      census.onForgotten(socket);
    }
  }

  /** What TCP must know of a flow: ports, room for a segment, a hash nobody can guess. */
  TcpFlow tcpFlow(Flow.Endpoints ends, int link, long nowNs) {
    var remote = ends.remote();
    var header = remote.family() == Family.V6 ? Ipv6Header.OCTETS : Ipv4Header.OCTETS;
    var room = mtu(link, remote.high(), remote.low(), nowNs) - header;
    var local = ends.local();
    var addresses = secrets.hash(remote.low(), local.low());
    if (remote.family() == Family.V6) {
      addresses ^= Long.rotateLeft(secrets.hash(remote.high(), local.high()), 1);
    }
    var ends32 = ((long) link << 32) | ((long) ends.localPort() << 16) | ends.remotePort();
    return new TcpFlow(ends.localPort(), ends.remotePort(), room, secrets.hash(addresses, ends32));
  }

  int mtu(int link, long high, long low, long nowNs) {
    return mtus.mtu(link, high, low, nowNs);
  }

  int nextIdentification() {
    return ++identification;
  }

  @Nullable Flow find(int link, int protocol, Flow.Endpoints ends) {
    return flows.find(
        link,
        protocol,
        ends.local().high(),
        ends.local().low(),
        ends.localPort(),
        ends.remote().high(),
        ends.remote().low(),
        ends.remotePort());
  }

  private IpAddress requireLocal(Family family) throws FlowRefused {
    var local = routing.localAddress(family == Family.V6);
    if (local == null) {
      throw new FlowRefused(FlowRefused.Reason.NO_ADDRESS);
    }
    return local;
  }

  private void roomForOneMore() throws FlowRefused {
    if (flows.size() >= settings.maxFlows()) {
      throw new FlowRefused(FlowRefused.Reason.TOO_MANY);
    }
  }

  private int freePort(int link, int protocol, IpAddress local, IpAddress to, int port)
      throws FlowRefused {
    var chosen =
        ports.choose(
            free ->
                find(link, protocol, new Flow.Endpoints(local, free, to, port)) == null
                    && (protocol == IpProtocol.UDP
                        ? !bound.containsKey(free)
                        : !servers.containsKey(free)));
    if (chosen == 0) {
      throw new FlowRefused(FlowRefused.Reason.NO_PORT);
    }
    return chosen;
  }

  // ---- facts -----------------------------------------------------------------------------------

  /** The address of ours that packets leave from; null if there is none of that family. */
  public @Nullable IpAddress localAddress(boolean v6) {
    return routing.localAddress(v6);
  }

  /** The link by which packets to this address leave, or {@link #NONE}. */
  public int linkTo(boolean v6, long high, long low) {
    return routing.link(v6, high, low);
  }

  /** What has come, gone and been dropped. */
  public NetstackCounters counters() {
    return counters;
  }

  /** Bounds and habits. */
  public NetstackSettings settings() {
    return settings;
  }

  /** What its TCP connections share. */
  public TcpHost tcpHost() {
    return host;
  }

  /** Flows that exist. */
  public int flowCount() {
    return flows.size() + bound.size();
  }

  /**
   * How flows stand. Looks at each: to be asked now and then.
   *
   * @param maxBusiest how many connections to name
   */
  public FlowReport report(int maxBusiest) {
    return census.report(flows, bound.size(), maxBusiest);
  }

  /** Timers that run. */
  public int timerCount() {
    return deadlines.size();
  }
}

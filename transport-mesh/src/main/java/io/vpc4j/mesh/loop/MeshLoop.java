package io.vpc4j.mesh.loop;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.mesh.link.DatagramLink;
import io.vpc4j.mesh.netstack.Netstack;
import io.vpc4j.mesh.netstack.Offer;
import io.vpc4j.mesh.wireguard.Load;
import io.vpc4j.mesh.wireguard.Peer;
import io.vpc4j.mesh.wireguard.PeerConfig;
import io.vpc4j.mesh.wireguard.Sent;
import io.vpc4j.mesh.wireguard.WireGuard;
import io.vpc4j.mesh.wireguard.WireGuardEvent;
import io.vpc4j.mesh.wireguard.wire.MessageType;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives WireGuard and the stack from one event loop.
 *
 * <p>Read {@link #turn} first: it is everything that happens, in order. A turn follows each batch
 * of datagrams, each timer, and each call of a channel; the time is read once in it. What a turn
 * does is bounded, so that other channels of the same event loop have theirs; what is left over is
 * the next turn's.
 *
 * <p>All methods are for the event loop, but for {@link #submit}.
 */
public final class MeshLoop implements DatagramLink.Receiver {

  private static final Logger LOG = LoggerFactory.getLogger(MeshLoop.class);

  /** Commands of other threads that wait. */
  public static final int MAX_COMMANDS = 16_384;

  /** Packets that a turn sends: more would flood the receive buffer of a peer on the same host. */
  private static final int PACKETS_A_TURN = 128;

  /** Flows that a turn has look after what is new. */
  private static final int FLOWS_A_TURN = 512;

  private static final int AFTER_A_BUG_MS = 100; // it must not become a busy loop

  /** Handshakes that are begun in a second beyond which we are under load. [W] 5.3 */
  private static final int CALM_HANDSHAKES_A_SECOND = 128;

  private static final long SECOND_NS = 1_000_000_000L;

  private static final int TIMER_SLACK_NS = 50_000; // a timer is not moved for less

  private final EventLoop eventLoop;
  private final Ticker ticker;
  private final WireGuard wireGuard;
  private final Netstack stack;
  private final DatagramLink link;
  private final ByteBuffer packet;
  private final Map<Integer, PeerLink> links = new HashMap<>();
  private final AtomicInteger commands = new AtomicInteger();
  private Consumer<Offer> onOffer = offer -> {};
  private Consumer<WireGuardEvent> onEvent = event -> {};
  private @Nullable PacketTap tap;
  private int nextLink;
  private long nowNs;
  private long loadSinceNs;
  private int handshakes;
  private boolean inBatch;
  private boolean inTurn;
  private boolean sent; // of this turn
  private boolean turnQueued;
  private long timerNs = Long.MAX_VALUE;
  private @Nullable Future<?> timer;
  private boolean started; // before that, nothing could be sent, and nothing is tried
  private boolean closed;

  /**
   * Makes one; {@link #start} has it run.
   *
   * @param link the way to other peers, of the same event loop
   */
  public MeshLoop(
      EventLoop eventLoop, Ticker ticker, WireGuard wireGuard, Netstack stack, DatagramLink link) {
    this.eventLoop = eventLoop;
    this.ticker = ticker;
    this.wireGuard = wireGuard;
    this.stack = stack;
    this.link = link;
    packet =
        ByteBuffer.allocate(WireGuard.HEADROOM + stack.settings().mtuOctets() + WireGuard.TAILROOM);
    nowNs = ticker.nowNs();
    loadSinceNs = nowNs;
  }

  /** Begins to take what comes. */
  public void start(Consumer<Offer> offers, Consumer<WireGuardEvent> events) {
    onOffer = offers;
    onEvent = events;
    link.receiver(this);
    started = true;
    wake();
  }

  // ---- the way in ------------------------------------------------------------------------------

  @Override
  public void onDatagram(ByteBuffer datagram, InetSocketAddress from) {
    if (closed) {
      return;
    }
    if (!inBatch) {
      inBatch = true;
      nowNs = ticker.nowNs();
    }
    var at = datagram.arrayOffset() + datagram.position();
    if (MessageType.of(datagram.array(), at, datagram.remaining()) == MessageType.INITIATION) {
      measureLoad();
    }
    var peer = wireGuard.onDatagram(datagram, from, nowNs);
    if (peer == null || !(peer.attachment() instanceof PeerLink source)) {
      return;
    }
    if (tap != null) {
      tap.onPacket(datagram, PacketTap.Direction.IN, source.nodeId());
    }
    var onward = stack.onPacket(datagram, source.index(), nowNs);
    if (onward != Netstack.NONE) {
      var to = links.get(onward);
      if (to != null) {
        seal(to.peer(), datagram);
      }
    }
  }

  /** What is dear is a handshake: those that are begun are counted, a second at a time. */
  private void measureLoad() {
    if (nowNs - loadSinceNs >= SECOND_NS) {
      if (handshakes <= CALM_HANDSHAKES_A_SECOND || nowNs - loadSinceNs >= 2 * SECOND_NS) {
        wireGuard.onLoad(Load.NORMAL);
      }
      handshakes = 0;
      loadSinceNs = nowNs;
    }
    if (++handshakes > CALM_HANDSHAKES_A_SECOND) {
      wireGuard.onLoad(Load.HIGH);
    }
  }

  @Override
  public void onBatchEnd() {
    turn();
  }

  @Override
  public void onWritable() {
    wake();
  }

  // ---- a turn ----------------------------------------------------------------------------------

  private void turn() {
    if (inTurn || closed || !started) {
      return; // a channel's handler called: what it wants is done before this turn ends
    }
    inTurn = true;
    sent = false;
    try {
      if (!inBatch) {
        nowNs = ticker.nowNs();
      }
      inBatch = false;
      wireGuard.onTime(nowNs);
      stack.onTime(nowNs);
      var more = tellOwners();
      for (var offer = stack.pollOffer(); offer != null; offer = stack.pollOffer()) {
        onOffer.accept(offer);
      }
      more |= sendPackets();
      more |= stack.hasReady();
      sent = true;
      sendMessages();
      for (var event = wireGuard.pollEvent(); event != null; event = wireGuard.pollEvent()) {
        onEvent.accept(event);
      }
      link.flush();
      if (more) {
        wake();
      } else {
        schedule();
      }
    } catch (RuntimeException e) {
      LOG.error("A turn of the mesh's loop failed. This is a bug of vpc4j; it goes on.", e);
      eventLoop.schedule(this::turn, AFTER_A_BUG_MS, TimeUnit.MILLISECONDS);
    } finally {
      inTurn = false;
    }
  }

  /** Whether some have not been told yet. */
  private boolean tellOwners() {
    for (var told = 0; told < FLOWS_A_TURN; told++) {
      var flow = stack.pollReady(nowNs);
      if (flow == null) {
        return false;
      }
      if (flow.owner() instanceof FlowOwner owner) {
        owner.onReady();
      }
    }
    return true;
  }

  /** Whether there is more to send than a turn may. */
  private boolean sendPackets() {
    for (var sent = 0; sent < PACKETS_A_TURN; sent++) {
      if (!link.writable()) {
        return false; // onWritable begins the next turn
      }
      packet.clear().position(WireGuard.HEADROOM);
      packet.limit(packet.capacity() - WireGuard.TAILROOM);
      var to = stack.poll(packet, nowNs);
      if (to == Netstack.NONE) {
        return false;
      }
      var target = links.get(to);
      if (target != null) {
        if (tap != null) {
          tap.onPacket(packet, PacketTap.Direction.OUT, target.nodeId());
        }
        seal(target.peer(), packet);
      }
    }
    return true;
  }

  private void seal(Peer peer, ByteBuffer octets) {
    if (!peer.isRemoved() && wireGuard.send(peer, octets, nowNs) == Sent.SEALED) {
      var endpoint = peer.endpoint();
      if (endpoint != null) {
        link.write(octets, endpoint);
      }
    }
  }

  /** WireGuard's own: handshakes, keepalives, packets that waited. */
  private void sendMessages() {
    packet.clear();
    for (var to = wireGuard.pollTransmit(packet, nowNs);
        to != null;
        to = wireGuard.pollTransmit(packet, nowNs)) {
      link.write(packet, to);
      packet.clear();
    }
  }

  // ---- when to come back -----------------------------------------------------------------------

  /** There is something to do: a turn soon. */
  public void wake() {
    if (inTurn && !sent) {
      return; // this turn has not sent yet
    }
    if (!turnQueued && !closed) {
      turnQueued = true;
      eventLoop.execute(this::queuedTurn);
    }
  }

  private void queuedTurn() {
    turnQueued = false;
    turn();
  }

  private void schedule() {
    var deadlineNs = earlier(stack.deadlineNs(), wireGuard.deadlineNs());
    if (deadlineNs == Long.MAX_VALUE) {
      return; // a timer that runs is harmless
    }
    if (timerNs != Long.MAX_VALUE && deadlineNs - timerNs > -TIMER_SLACK_NS) {
      return; // it rings before that, and looks again
    }
    if (timer != null) {
      timer.cancel(false);
    }
    timerNs = deadlineNs;
    timer =
        eventLoop.schedule(this::onTimer, Math.max(0, deadlineNs - nowNs), TimeUnit.NANOSECONDS);
  }

  private void onTimer() {
    timer = null;
    timerNs = Long.MAX_VALUE;
    turn();
  }

  private static long earlier(long a, long b) {
    if (a == Long.MAX_VALUE || b == Long.MAX_VALUE) {
      return Math.min(a, b);
    }
    return a - b < 0 ? a : b;
  }

  // ---- for other threads -----------------------------------------------------------------------

  /**
   * Has {@code command} run on the loop, followed by a turn; from any thread.
   *
   * @return false, and nothing is run, if {@link #MAX_COMMANDS} wait already or the loop has ended
   */
  public boolean submit(Runnable command) {
    if (commands.incrementAndGet() > MAX_COMMANDS || eventLoop.isShuttingDown()) {
      commands.decrementAndGet();
      return false;
    }
    eventLoop.execute(
        () -> {
          commands.decrementAndGet();
          nowNs = ticker.nowNs();
          command.run();
          wake();
        });
    return true;
  }

  // ---- peers -----------------------------------------------------------------------------------

  /** Adds a peer. */
  public PeerLink addPeer(String nodeId, PeerConfig config) {
    var peer = wireGuard.addPeer(config, nowNs());
    var added = new PeerLink(nextLink++, nodeId, peer);
    peer.attach(added);
    links.put(added.index(), added);
    wake();
    return added;
  }

  /** Removes a peer; its flows end. */
  public void removePeer(PeerLink gone) {
    stack.onLinkDown(gone.index(), nowNs());
    links.remove(gone.index());
    wireGuard.removePeer(gone.peer().publicKey());
    wake();
  }

  // ---- facts -----------------------------------------------------------------------------------

  /** The time of this turn; outside of one, now. */
  public long nowNs() {
    if (!inTurn && !inBatch) {
      nowNs = ticker.nowNs();
    }
    return nowNs;
  }

  /** The thread. */
  public EventLoop eventLoop() {
    return eventLoop;
  }

  /** The engine inside. */
  public Netstack stack() {
    return stack;
  }

  /** The engine outside. */
  public WireGuard wireGuard() {
    return wireGuard;
  }

  /** The UDP port that peers call. */
  public int localPort() {
    return link.localPort();
  }

  /** Sees every packet inside, both ways; null for nobody. */
  public void tap(@Nullable PacketTap newTap) {
    tap = newTap;
  }

  /** Whether {@link #close} was called. */
  public boolean closed() {
    return closed;
  }

  /** Says what there is to say once more, then stops and overwrites every key. */
  public void close() {
    if (closed) {
      return;
    }
    turn();
    closed = true;
    if (timer != null) {
      timer.cancel(false);
    }
    wireGuard.close();
    link.close();
  }
}

package io.vpc4j.mesh.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.DatagramPacket;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.IpAddress.Family;
import io.vpc4j.mesh.loop.FlowOwner;
import io.vpc4j.mesh.loop.MeshLoop;
import io.vpc4j.mesh.netstack.FlowRefused;
import io.vpc4j.mesh.netstack.UdpSocket;
import io.vpc4j.mesh.netstack.wire.UdpHeader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket of the stack as a channel. It reads {@link DatagramPacket}s; connected, it takes
 * {@link ByteBuf}s too.
 *
 * <p>A datagram that does not fit the send queue waits in the outbound buffer. One for which there
 * is no room when it comes is lost, and counted by the socket. That the other end's port is
 * nobody's is an exception, and leaves the channel open, as with the JDK's.
 */
public final class NetstackDatagramChannel extends AbstractChannel implements FlowOwner {

  private static final ChannelMetadata METADATA = new ChannelMetadata(true, 16);

  /** Datagrams given out before a read is complete. */
  private static final int MAX_READS = 16;

  private enum State {
    OPEN,
    ACTIVE,
    CLOSED
  }

  private final MeshLoop loop;
  private final int linkIndex;
  private final DefaultChannelConfig config = new DefaultChannelConfig(this);
  private volatile State state = State.OPEN;
  private volatile @Nullable InetSocketAddress local;
  private volatile @Nullable InetSocketAddress remote;

  // Confined to the loop.
  private @Nullable UdpSocket socket;
  private boolean readWanted;
  private boolean reading;

  /**
   * One that is neither bound nor connected.
   *
   * @param linkIndex the peer it connects by; of no meaning to one that is bound
   */
  public NetstackDatagramChannel(MeshLoop loop, int linkIndex) {
    super(null);
    this.loop = loop;
    this.linkIndex = linkIndex;
    config.setRecvByteBufAllocator(new FixedRecvByteBufAllocator(2_048));
  }

  /** One that was offered and taken; on the loop. */
  public NetstackDatagramChannel(MeshLoop loop, UdpSocket taken) {
    this(loop, taken.link());
    attach(taken);
    taken.owner(this);
  }

  private void attach(UdpSocket made) {
    socket = made;
    state = State.ACTIVE;
    local = new InetSocketAddress(made.local().toInetAddress(), made.localPort());
    if (made.connected()) {
      remote = new InetSocketAddress(made.remote().toInetAddress(), made.remotePort());
    }
  }

  private final class NetstackUnsafe extends AbstractUnsafe {
    @Override
    public void connect(
        SocketAddress remoteAddress, @Nullable SocketAddress localAddress, ChannelPromise promise) {
      if (!promise.setUncancellable() || !ensureOpen(promise)) {
        return;
      }
      try {
        var to = (InetSocketAddress) remoteAddress;
        var owner = NetstackDatagramChannel.this;
        attach(
            loop.stack().connectUdp(IpAddress.of(to.getAddress()), to.getPort(), linkIndex, owner));
        promise.trySuccess();
        pipeline().fireChannelActive();
      } catch (FlowRefused e) {
        promise.tryFailure(Failures.of(e));
        close(voidPromise());
      }
    }

    void flushAgain() {
      flush0();
    }
  }

  @Override
  protected void doBind(SocketAddress localAddress) throws Exception {
    var wanted = (InetSocketAddress) localAddress;
    var v6 = IpAddress.of(wanted.getAddress()).family() == Family.V6;
    var address = loop.stack().localAddress(v6);
    if (address == null) {
      throw new NoRouteToHostException("this node has no mesh address of that family");
    }
    try {
      attach(loop.stack().bindUdp(address, wanted.getPort(), this));
    } catch (FlowRefused e) {
      throw Failures.of(e);
    }
  }

  // ---- reading ---------------------------------------------------------------------------------

  @Override
  public void onReady() {
    var flow = socket;
    if (flow == null || !isRegistered()) {
      return;
    }
    if (flow.takeUnreachable()) {
      pipeline()
          .fireExceptionCaught(new PortUnreachableException("nobody has the port: " + remote));
    }
    readAll();
    if (state == State.ACTIVE) {
      ((NetstackUnsafe) unsafe()).flushAgain();
    }
  }

  @Override
  protected void doBeginRead() {
    readWanted = true;
    if (!reading) {
      eventLoop().execute(this::readAll);
    }
  }

  private void readAll() {
    var flow = socket;
    if (reading || flow == null) {
      return;
    }
    reading = true;
    try {
      while (readWanted && state == State.ACTIVE && flow.received().size() > 0) {
        readWanted = false;
        var left = MAX_READS;
        while (left-- > 0 && state == State.ACTIVE && flow.received().size() > 0) {
          pipeline().fireChannelRead(next(flow));
        }
        pipeline().fireChannelReadComplete();
      }
    } finally {
      reading = false;
    }
  }

  private DatagramPacket next(UdpSocket flow) {
    var queue = flow.received();
    var content = config.getAllocator().buffer(queue.length());
    content.writeBytes(queue.octets(), 0, queue.length());
    var from = remote != null ? remote : sender(flow);
    queue.remove();
    return new DatagramPacket(content, local, from);
  }

  private static InetSocketAddress sender(UdpSocket flow) {
    var queue = flow.received();
    var address = new IpAddress(flow.local().family(), queue.high(), queue.low());
    return new InetSocketAddress(address.toInetAddress(), queue.port());
  }

  // ---- writing ---------------------------------------------------------------------------------

  @Override
  protected Object filterOutboundMessage(Object message) {
    if (message instanceof ByteBuf && remote != null) {
      return message;
    }
    if (message instanceof AddressedEnvelope<?, ?> envelope
        && envelope.content() instanceof ByteBuf
        && (envelope.recipient() instanceof InetSocketAddress || remote != null)) {
      return message;
    }
    throw new UnsupportedOperationException(
        "a datagram is a DatagramPacket or, connected, a ByteBuf; not "
            + message.getClass().getName());
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer pending) throws Exception {
    var flow = socket;
    if (flow == null) {
      throw new ClosedChannelException();
    }
    for (var message = pending.current(); message != null; message = pending.current()) {
      var to = remote;
      ByteBuf content;
      if (message instanceof AddressedEnvelope<?, ?> envelope) {
        content = (ByteBuf) envelope.content();
        to = envelope.recipient() instanceof InetSocketAddress named ? named : to;
      } else {
        content = (ByteBuf) message;
      }
      if (content.readableBytes() > UdpSocket.MAX_DATA_OCTETS) {
        pending.remove(new IOException("a datagram of " + content.readableBytes()));
        continue;
      }
      if (to == null || !send(flow, content, to)) {
        break; // it says when there is room
      }
      pending.remove();
    }
    loop.wake();
  }

  /** Whether there was room, or no way, which a datagram does not hear of. */
  private boolean send(UdpSocket flow, ByteBuf content, InetSocketAddress to) {
    var address = IpAddress.of(to.getAddress());
    var out =
        flow.connected()
            ? flow.link()
            : loop.stack().linkTo(address.family() == Family.V6, address.high(), address.low());
    if (out < 0 || address.family() != flow.local().family()) {
      return true;
    }
    var octets = content.readableBytes();
    var room = flow.claim(address, to.getPort(), out, octets);
    if (room == null) {
      return false;
    }
    content.getBytes(content.readerIndex(), room, UdpHeader.OCTETS, octets);
    flow.send();
    return true;
  }

  // ---- ending ----------------------------------------------------------------------------------

  @Override
  protected void doClose() {
    state = State.CLOSED;
    var flow = socket;
    socket = null;
    if (flow != null) {
      flow.close();
      flow.owner(null);
      loop.wake();
    }
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  // ---- facts -----------------------------------------------------------------------------------

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new NetstackUnsafe();
  }

  @Override
  protected boolean isCompatible(EventLoop eventLoop) {
    return eventLoop == loop.eventLoop();
  }

  @Override
  protected void doRegister(ChannelPromise promise) {
    promise.setSuccess();
    var taken = socket;
    if (taken != null) {
      taken.owner(this);
      loop.wake();
    }
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    return local;
  }

  @Override
  protected @Nullable SocketAddress remoteAddress0() {
    return remote;
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return state != State.CLOSED;
  }

  @Override
  public boolean isActive() {
    return state == State.ACTIVE;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }
}

package io.vpc4j.tunnel.udp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.UUID;

/**
 * A UDP session as a channel, connected to its destination. It reads {@link DatagramPacket}s, and
 * takes them and {@link ByteBuf}s, 1,280 octets at most, and less where the path carries less; a
 * larger one fails its write with {@link DatagramTooLarge}.
 *
 * <p>Datagrams promise nothing: what the carrier has no room for is lost, and so is what comes
 * while {@value #MAX_UNREAD} wait to be read. When the session ends, for whatever reason, so does
 * the channel. Its loop is the carrier's.
 */
public final class UdpSessionChannel extends AbstractChannel {

  /** Datagrams that wait to be read at most. */
  public static final int MAX_UNREAD = 256;

  private static final ChannelMetadata METADATA = new ChannelMetadata(false);

  private final UdpSessions sessions;
  private final UUID id;
  private final InetSocketAddress remote;
  private final DefaultChannelConfig config = new DefaultChannelConfig(this);
  private volatile boolean closed;

  // confined to the loop
  private final ArrayDeque<DatagramPacket> unread = new ArrayDeque<>();
  private boolean readWanted;
  private boolean reading;
  private long lost;

  UdpSessionChannel(UdpSessions sessions, UUID id, InetSocketAddress remote) {
    super(null);
    this.sessions = sessions;
    this.id = id;
    this.remote = remote;
  }

  /** Datagrams that were lost because nobody read them. On the loop. */
  public long lost() {
    return lost;
  }

  // ---- reading

  /** A payload has come; it is copied. */
  void onPayload(ByteBuffer payload) {
    if (closed) {
      return;
    }
    if (unread.size() >= MAX_UNREAD) {
      lost++;
      return;
    }
    var content = config.getAllocator().buffer(payload.remaining()).writeBytes(payload);
    unread.add(new DatagramPacket(content, localAddress0(), remote));
    readAll();
  }

  @Override
  protected void doBeginRead() {
    readWanted = true;
    if (!reading && !unread.isEmpty()) {
      eventLoop().execute(this::readAll);
    }
  }

  private void readAll() {
    if (reading) {
      return;
    }
    reading = true;
    try {
      while (readWanted && !closed && !unread.isEmpty()) {
        readWanted = false;
        pipeline().fireChannelRead(unread.remove());
        pipeline().fireChannelReadComplete();
      }
    } finally {
      reading = false;
    }
  }

  // ---- writing

  @Override
  protected Object filterOutboundMessage(Object message) {
    if (message instanceof ByteBuf) {
      return message;
    }
    if (message instanceof AddressedEnvelope<?, ?> envelope
        && envelope.content() instanceof ByteBuf
        && (envelope.recipient() == null || remote.equals(envelope.recipient()))) {
      return message;
    }
    throw new UnsupportedOperationException(
        "a datagram is a ByteBuf, or a DatagramPacket to " + remote + "; not " + message);
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer pending) {
    var most = sessions.maxPayloadOctets();
    for (var message = pending.current(); message != null; message = pending.current()) {
      var content =
          message instanceof AddressedEnvelope<?, ?> envelope
              ? (ByteBuf) envelope.content()
              : (ByteBuf) message;
      var octets = content.readableBytes();
      if (octets > most) {
        pending.remove(new DatagramTooLarge(octets, most));
        continue;
      }
      sessions.send(id, content.nioBuffer());
      pending.remove();
    }
  }

  // ---- ending

  @Override
  protected void doClose() {
    closed = true;
    unread.forEach(DatagramPacket::release);
    unread.clear();
    sessions.close(id, "closed");
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  protected void doBind(SocketAddress localAddress) {
    throw new UnsupportedOperationException("the socket is the connector's");
  }

  // ---- facts

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new AbstractUnsafe() {
      @Override
      public void connect(
          SocketAddress remoteAddress, SocketAddress localAddress, ChannelPromise promise) {
        promise.tryFailure(new UnsupportedOperationException("it is connected to " + remote));
      }
    };
  }

  @Override
  protected boolean isCompatible(EventLoop eventLoop) {
    return eventLoop == sessions.carrier().eventLoop();
  }

  /** Where the carrier is: the socket's own address is the connector's secret. */
  @Override
  protected InetSocketAddress localAddress0() {
    return sessions.carrier().localAddress();
  }

  @Override
  protected InetSocketAddress remoteAddress0() {
    return remote;
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
    return !closed;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }
}

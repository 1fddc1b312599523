package io.vpc4j.tunnel.connector.serve;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.tunnel.carrier.ConnectorCarrier;
import io.vpc4j.tunnel.connector.config.WarpRouting;
import io.vpc4j.tunnel.connector.serve.FlowLog.Kind;
import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.octets.Octets;
import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.rpc.RpcReply;
import io.vpc4j.tunnel.session.ConnectorSessionEffect;
import io.vpc4j.tunnel.session.ConnectorSessionEffect.Close;
import io.vpc4j.tunnel.session.ConnectorSessionEffect.Dial;
import io.vpc4j.tunnel.session.ConnectorSessionEffect.Reply;
import io.vpc4j.tunnel.session.ConnectorSessionEffect.Send;
import io.vpc4j.tunnel.session.ConnectorSessionEffect.Unregister;
import io.vpc4j.tunnel.session.ConnectorSessions;
import io.vpc4j.tunnel.session.DatagramVersion;
import io.vpc4j.tunnel.session.SessionLimits;
import io.vpc4j.tunnel.stream.datagram.Datagram;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * The UDP sessions of one connection, each with a connected socket of its own. [C] 7.4
 *
 * <p>A datagram for which there is no room, in a socket's buffer or in the carrier's queue, is
 * dropped and counted: that is what UDP does. Confined to the carrier's loop.
 */
public final class UdpFlows {

  /** The longest datagram that is read from a destination; longer ones are cut by the system. */
  private static final int READ_OCTETS = 1_500;

  /** Waiting output of a socket above which datagrams are dropped. */
  private static final int WRITE_OCTETS = 256 << 10;

  /**
   * What the sessions of every connection share.
   *
   * @param loops make the sockets
   * @param routing asked anew for each session
   * @param allowed whether a destination may be dialled
   * @param resolver where the virtual DNS service leads
   */
  public record Shared(
      EventLoops loops,
      Ticker ticker,
      DatagramVersion version,
      Supplier<WarpRouting> routing,
      BiPredicate<Destination, WarpRouting> allowed,
      Supplier<InetSocketAddress> resolver,
      Flows flows,
      Counters counters,
      Tracer tracer,
      FlowLog log) {}

  /** A call that is not answered yet. */
  private record Call(
      RpcCall.RegisterUdpSession call,
      Promise<RpcReply> promise,
      Optional<RequestTrace> trace,
      Optional<RequestTrace.Span> span) {

    void answer(RpcReply.UdpSessionRegistered reply) {
      if (reply.error().isEmpty()) {
        span.ifPresent(
            it ->
                it.end(
                    Map.of(
                        "session-id",
                        call.sessionId(),
                        "dst",
                        new Destination(call.address(), call.port()))));
      }
      promise.trySuccess(
          trace
              .filter(it -> reply.error().isEmpty())
              .map(it -> new RpcReply.UdpSessionRegistered("", Octets.of(it.spans())))
              .orElse(reply));
    }
  }

  private final Shared shared;
  private final ConnectorCarrier carrier;
  private final Consumer<RpcCall.UnregisterUdpSession> unregister;
  private final ConnectorSessions sessions;
  private final Map<UUID, Channel> sockets = new HashMap<>();
  private final Map<UUID, Call> calls = new HashMap<>();
  private @Nullable Future<?> timer;
  private boolean over;

  /**
   * The sessions of {@code carrier}.
   *
   * @param unregister tells the edge that a session has ended
   */
  public UdpFlows(
      Shared shared, ConnectorCarrier carrier, Consumer<RpcCall.UnregisterUdpSession> unregister) {
    this.shared = shared;
    this.carrier = carrier;
    this.unregister = unregister;
    sessions = new ConnectorSessions(shared.version(), SessionLimits.DEFAULT);
  }

  // ---- the edge

  /** The edge's call for a session. */
  public Future<RpcReply> register(RpcCall.RegisterUdpSession call) {
    if (calls.containsKey(call.sessionId())) {
      var twice =
          new RpcReply.UdpSessionRegistered("the session is being registered", Octets.EMPTY);
      return carrier.eventLoop().newSucceededFuture(twice);
    }
    Promise<RpcReply> promise = carrier.eventLoop().newPromise();
    var trace = shared.tracer().of(call.traceContext());
    var span = trace.map(it -> it.begin("register-session"));
    calls.put(call.sessionId(), new Call(call, promise, trace, span));
    sessions.onRegister(call, now());
    drain();
    return promise;
  }

  /** The edge's call that a session is not wanted any more. */
  public void unregister(RpcCall.UnregisterUdpSession call) {
    sessions.onUnregister(call);
    drain();
  }

  /** A datagram of the edge. */
  public void onDatagram(ByteBuf datagram) {
    try {
      var received = sessions.onDatagram(datagram.nioBuffer(), now());
      if (received != null) {
        var socket = sockets.get(received.sessionId());
        if (socket != null && socket.isWritable()) {
          // A copy: the payload is good during this call alone.
          socket.writeAndFlush(Unpooled.copiedBuffer(received.payload()), socket.voidPromise());
        } else {
          shared.counters().droppedDatagrams.increment();
        }
      }
    } catch (Malformed e) {
      shared.counters().droppedDatagrams.increment();
    }
    drain();
  }

  /** The connection is lost. */
  public void close() {
    over = true;
    sessions.onConnectionLost();
    drain();
  }

  /** Sessions that are open or being opened. */
  public int size() {
    return sessions.size();
  }

  // ---- the engine

  private long now() {
    return shared.ticker().nowNs();
  }

  private void drain() {
    for (var effect = sessions.poll(); effect != null; effect = sessions.poll()) {
      perform(effect);
    }
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
    var waitNs = sessions.waitNs(now());
    if (!over && waitNs != Long.MAX_VALUE) {
      timer = carrier.eventLoop().schedule(this::onTime, waitNs, TimeUnit.NANOSECONDS);
    }
  }

  private void onTime() {
    sessions.onTime(now());
    drain();
  }

  private void perform(ConnectorSessionEffect effect) {
    if (effect instanceof Dial dial) {
      dial(dial);
    } else if (effect instanceof Send send) {
      send(send.datagram());
    } else if (effect instanceof Reply reply) {
      var call = calls.remove(reply.sessionId());
      if (call != null) {
        call.answer(reply.reply());
      }
    } else if (effect instanceof Unregister ended) {
      unregister.accept(ended.call());
    } else if (effect instanceof Close close) {
      var socket = sockets.remove(close.sessionId());
      if (socket != null) {
        socket.close();
      }
    }
  }

  private void send(Datagram datagram) {
    var octets = datagram.octets();
    var out = ByteBufAllocator.DEFAULT.buffer(octets, octets);
    datagram.write(out.nioBuffer(0, octets));
    if (!carrier.sendDatagram(out.writerIndex(octets))) {
      shared.counters().droppedDatagrams.increment();
    }
  }

  // ---- sockets

  private void dial(Dial dial) {
    var destination = new Destination(dial.address(), dial.port());
    var dns = destination.equals(Destination.VIRTUAL_DNS);
    if (shared.log().listening()) {
      shared.log().tell(Level.DEBUG, Kind.UDP, "UDP to " + destination);
    }
    if (!dns && !shared.allowed().test(destination, shared.routing().get())) {
      sessions.onDialFailed(
          dial.sessionId(), ConnectorSessions.DialFailure.FAILED, Destination.DENIED + destination);
      return;
    }
    if (!shared.flows().tryAcquire()) {
      sessions.onDialFailed(dial.sessionId(), ConnectorSessions.DialFailure.TOO_MANY_FLOWS, "");
      return;
    }
    shared.counters().udpSessions.increment();
    shared.counters().activeUdpSessions.incrementAndGet();
    if (dns) {
      shared.counters().dnsOverUdp.increment();
    }
    var to =
        dns
            ? shared.resolver().get()
            : new InetSocketAddress(destination.address().toInetAddress(), destination.port());
    new Bootstrap()
        .group(carrier.eventLoop())
        .channelFactory(shared.loops().datagramChannels())
        .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_OCTETS))
        .option(
            ChannelOption.WRITE_BUFFER_WATER_MARK,
            new WriteBufferWaterMark(WRITE_OCTETS / 2, WRITE_OCTETS))
        .handler(new Socket(dial.sessionId()))
        .connect(to)
        .addListener(
            (ChannelFuture done) -> {
              done.channel().closeFuture().addListener(closed -> release());
              if (!done.isSuccess()) {
                done.channel().close();
                var reason = DialFailure.describe(destination.toString(), done.cause());
                shared.log().tell(Level.ERROR, Kind.UDP, "UDP to " + destination + ": " + reason);
                sessions.onDialFailed(
                    dial.sessionId(), ConnectorSessions.DialFailure.FAILED, reason);
              } else if (over) {
                done.channel().close();
              } else {
                sockets.put(dial.sessionId(), done.channel());
                sessions.onDialed(dial.sessionId(), now());
              }
              drain();
            });
  }

  private void release() {
    shared.flows().release();
    shared.counters().activeUdpSessions.decrementAndGet();
  }

  /** What a destination sends. */
  private final class Socket extends SimpleChannelInboundHandler<DatagramPacket> {
    private final UUID sessionId;

    Socket(UUID sessionId) {
      this.sessionId = sessionId;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
      var datagram = sessions.payload(sessionId, packet.content().nioBuffer(), now());
      if (datagram == null) {
        shared.counters().droppedDatagrams.increment();
      } else {
        send(datagram);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // A port where nobody listens tells so by ICMP; a later datagram may find somebody.
      if (!(cause instanceof PortUnreachableException)) {
        ctx.close();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (sockets.remove(sessionId, ctx.channel())) {
        sessions.onSocketClosed(sessionId, "the socket was closed");
        drain();
      }
    }
  }
}

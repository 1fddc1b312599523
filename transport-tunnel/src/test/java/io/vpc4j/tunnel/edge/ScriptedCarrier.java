package io.vpc4j.tunnel.edge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.tunnel.carrier.ConfigurationOutcome;
import io.vpc4j.tunnel.carrier.EdgeCarrier;
import io.vpc4j.tunnel.carrier.EdgeCarrierListener;
import io.vpc4j.tunnel.carrier.OpenStream;
import io.vpc4j.tunnel.carrier.StreamFailure;
import io.vpc4j.tunnel.rpc.ClientEvent;
import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.rpc.RpcClient;
import io.vpc4j.tunnel.rpc.RpcLimits;
import io.vpc4j.tunnel.rpc.RpcReply;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A carrier without a network, whose time a test owns, and the connector at its other end. */
final class ScriptedCarrier implements EdgeCarrier {

  final EmbeddedChannel control = new EmbeddedChannel();
  final Queue<ConnectRequest> asked = new ConcurrentLinkedQueue<>();
  final List<byte[]> pushed = new ArrayList<>();
  private final RpcClient client = new RpcClient(RpcLimits.DEFAULT);
  private final Promise<Void> closed = ImmediateEventExecutor.INSTANCE.newPromise();
  volatile String closeReason;
  volatile int openStreams;

  /** What becomes of an open; null for an acceptance. */
  volatile Function<ConnectRequest, StreamFailure> answer = request -> null;

  /** Whether an open gets any answer. */
  volatile boolean silent;

  /** Where it lives; null for the control stream's loop, which is everybody's. */
  volatile EventLoop loop;

  EdgeCarrierListener listener;

  ScriptedCarrier() {
    control.freezeTime();
  }

  /** Is accepted by an edge, and shows its control stream. */
  void begin(Edge edge) {
    listener = edge.accept(this);
    listener.onControlStream(control);
  }

  /** Makes a call, and returns what came back; null if nothing did. */
  RpcReply call(RpcCall call) {
    client.call(call);
    for (var out = client.pollOctets(); out != null; out = client.pollOctets()) {
      control.writeInbound(Unpooled.wrappedBuffer(out));
    }
    for (ByteBuf in = control.readOutbound(); in != null; in = control.readOutbound()) {
      client.onOctets(in.nioBuffer());
      in.release();
    }
    RpcReply reply = null;
    for (var event = client.pollEvent(); event != null; event = client.pollEvent()) {
      if (event instanceof ClientEvent.Replied answered) {
        reply = answered.reply();
      }
    }
    return reply;
  }

  void advance(long amount, TimeUnit unit) {
    control.advanceTimeBy(amount, unit);
    control.runScheduledPendingTasks();
  }

  // ---- EdgeCarrier

  @Override
  public Future<OpenStream> open(
      ConnectRequest request, ChannelHandler initializer, long deadlineNs) {
    asked.add(request);
    Promise<OpenStream> promise = ImmediateEventExecutor.INSTANCE.newPromise();
    if (silent) {
      return promise;
    }
    var failure = answer.apply(request);
    if (failure != null) {
      promise.setFailure(failure);
    } else {
      promise.setSuccess(
          new OpenStream(ConnectResponse.connected(), new EmbeddedChannel(initializer)));
    }
    return promise;
  }

  @Override
  public Future<Channel> exchange(ConnectRequest request, ChannelHandler initializer) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Channel> openRpc(ChannelHandler initializer) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<ConfigurationOutcome> updateConfiguration(
      int version, byte[] json, long deadlineNs) {
    pushed.add(json);
    return ImmediateEventExecutor.INSTANCE.newSucceededFuture(
        new ConfigurationOutcome(version, java.util.Optional.empty()));
  }

  @Override
  public int maxDatagramOctets() {
    return 1_350;
  }

  @Override
  public boolean sendDatagram(ByteBuf datagram) {
    datagram.release();
    return false;
  }

  @Override
  public Protocol protocol() {
    return Protocol.HTTP2;
  }

  @Override
  public InetSocketAddress localAddress() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 7844);
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000);
  }

  @Override
  public EventLoop eventLoop() {
    return loop == null ? control.eventLoop() : loop;
  }

  @Override
  public boolean carriesDatagrams() {
    return false;
  }

  @Override
  public int openStreams() {
    return openStreams;
  }

  @Override
  public long octetsIn() {
    return 0;
  }

  @Override
  public long octetsOut() {
    return 0;
  }

  @Override
  public OptionalLong rttNs() {
    return OptionalLong.empty();
  }

  @Override
  public boolean isOpen() {
    return closeReason == null;
  }

  @Override
  public Future<Void> closeFuture() {
    return closed;
  }

  @Override
  public void close(String reason) {
    if (closeReason == null) {
      closeReason = reason;
      listener.onClosed(reason);
      closed.setSuccess(null);
    }
  }
}

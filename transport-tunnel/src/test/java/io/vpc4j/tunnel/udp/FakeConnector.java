package io.vpc4j.tunnel.udp;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalServerChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.tunnel.carrier.ConfigurationOutcome;
import io.vpc4j.tunnel.carrier.EdgeCarrier;
import io.vpc4j.tunnel.carrier.OpenStream;
import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.CallToken;
import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.rpc.RpcLimits;
import io.vpc4j.tunnel.rpc.RpcReply;
import io.vpc4j.tunnel.rpc.RpcServer;
import io.vpc4j.tunnel.rpc.ServerEvent;
import io.vpc4j.tunnel.session.ConnectorSessionEffect;
import io.vpc4j.tunnel.session.ConnectorSessions;
import io.vpc4j.tunnel.session.ConnectorSessions.DialFailure;
import io.vpc4j.tunnel.session.DatagramVersion;
import io.vpc4j.tunnel.session.SessionLimits;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.datagram.Datagram;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The other end of a carrier, in memory: the connector's engine, with sockets that echo what they
 * are sent. Port 1 refuses, port 2 is never dialled to an end. Confined to the loop but for {@link
 * #openRpc} and {@link #sendDatagram}.
 */
final class FakeConnector implements EdgeCarrier {

  /** What the carrier says that travels. */
  volatile int maxDatagramOctets = 1_350;

  private final LocalAddress calls = new LocalAddress(FakeConnector.class); // one for each

  private final EventLoopGroup group;
  private final EventLoop loop;
  private final ConnectorSessions connector;
  private final Ticker ticker = Ticker.system();
  private final Map<UUID, Consumer<RpcReply>> replies = new HashMap<>();
  private final Set<UUID> sockets = new HashSet<>();
  private Consumer<ByteBuf> toEdge = datagram -> {};
  private Consumer<RpcCall.UnregisterUdpSession> unregister = call -> {};

  FakeConnector(EventLoopGroup group, DatagramVersion version) throws InterruptedException {
    this.group = group;
    this.loop = group.next();
    this.connector = new ConnectorSessions(version, SessionLimits.DEFAULT);
    new ServerBootstrap()
        .group(group)
        .channel(LocalServerChannel.class)
        .childHandler(new Calls())
        .bind(calls)
        .sync();
  }

  void edge(Consumer<ByteBuf> datagrams, Consumer<RpcCall.UnregisterUdpSession> calls) {
    toEdge = datagrams;
    unregister = calls;
  }

  /** Sockets that are open now. */
  Future<Integer> sockets() {
    return loop.submit(sockets::size);
  }

  /** Every socket breaks. */
  void breakSockets() {
    loop.execute(
        () -> {
          for (var id : Set.copyOf(sockets)) {
            connector.onSocketClosed(id, "broken");
          }
          act();
        });
  }

  // ---- the connector

  private void act() {
    for (var effect = connector.poll(); effect != null; effect = connector.poll()) {
      if (effect instanceof ConnectorSessionEffect.Send send) {
        toEdge(send.datagram());
      } else if (effect instanceof ConnectorSessionEffect.Dial dial) {
        dial(dial);
      } else if (effect instanceof ConnectorSessionEffect.Reply reply) {
        replies.remove(reply.sessionId()).accept(reply.reply());
      } else if (effect instanceof ConnectorSessionEffect.Unregister it) {
        unregister.accept(it.call());
      } else if (effect instanceof ConnectorSessionEffect.Close close) {
        sockets.remove(close.sessionId());
      }
    }
  }

  private void dial(ConnectorSessionEffect.Dial dial) {
    if (dial.port() == 1) {
      connector.onDialFailed(dial.sessionId(), DialFailure.TOO_MANY_FLOWS, "");
    } else if (dial.port() != 2) {
      sockets.add(dial.sessionId());
      connector.onDialed(dial.sessionId(), ticker.nowNs());
    }
  }

  private void toEdge(Datagram datagram) {
    var wire = ByteBuffer.allocate(datagram.octets());
    datagram.write(wire);
    toEdge.accept(Unpooled.wrappedBuffer(wire.flip()));
  }

  private void onDatagram(ByteBuf datagram) {
    try {
      var received = connector.onDatagram(datagram.nioBuffer(), ticker.nowNs());
      act();
      if (received != null) {
        var echo = connector.payload(received.sessionId(), received.payload(), ticker.nowNs());
        if (echo != null) {
          toEdge(echo);
        }
      }
    } catch (Malformed e) {
      throw new AssertionError(e);
    } finally {
      datagram.release();
    }
  }

  /** Serves calls, each stream on its own loop, the engine on the carrier's. */
  @ChannelHandler.Sharable
  private final class Calls extends ChannelInboundHandlerAdapter {
    private final Map<Channel, RpcServer> servers = new HashMap<>();

    @Override
    public void channelRead(ChannelHandlerContext context, Object read) {
      var octets = (ByteBuf) read;
      loop.execute(
          () -> {
            var server =
                servers.computeIfAbsent(
                    context.channel(),
                    channel -> new RpcServer(RpcServer.CONNECTOR_STREAM, RpcLimits.DEFAULT));
            server.onOctets(octets.nioBuffer());
            octets.release();
            for (var event = server.pollEvent(); event != null; event = server.pollEvent()) {
              if (event instanceof ServerEvent.Called called) {
                called(context, server, called.token(), called.call());
              }
            }
            say(context, server);
          });
    }

    private void called(
        ChannelHandlerContext context, RpcServer server, CallToken token, RpcCall call) {
      if (call instanceof RpcCall.RegisterUdpSession register) {
        replies.put(
            register.sessionId(),
            reply -> {
              server.reply(token, reply);
              say(context, server);
            });
        connector.onRegister(register, ticker.nowNs());
      } else if (call instanceof RpcCall.UnregisterUdpSession it) {
        connector.onUnregister(it);
        server.reply(token, new RpcReply.Done());
      }
      act();
    }

    private void say(ChannelHandlerContext context, RpcServer server) {
      for (var out = server.pollOctets(); out != null; out = server.pollOctets()) {
        context.writeAndFlush(Unpooled.wrappedBuffer(out));
      }
    }
  }

  // ---- the carrier

  @Override
  public Future<Channel> openRpc(ChannelHandler initializer) {
    Promise<Channel> promise = loop.newPromise();
    var connecting =
        new Bootstrap().group(loop).channel(LocalChannel.class).handler(initializer).connect(calls);
    connecting.addListener(
        done -> {
          if (done.isSuccess()) {
            promise.trySuccess(connecting.channel());
          } else {
            promise.tryFailure(done.cause());
          }
        });
    return promise;
  }

  @Override
  public int maxDatagramOctets() {
    return maxDatagramOctets;
  }

  @Override
  public boolean sendDatagram(ByteBuf datagram) {
    loop.execute(() -> onDatagram(datagram));
    return true;
  }

  @Override
  public Future<OpenStream> open(
      ConnectRequest request, ChannelHandler initializer, long deadlineNs) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Channel> exchange(ConnectRequest request, ChannelHandler initializer) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<ConfigurationOutcome> updateConfiguration(
      int version, byte[] json, long deadlineNs) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Protocol protocol() {
    return Protocol.QUIC;
  }

  @Override
  public InetSocketAddress localAddress() {
    return InetSocketAddress.createUnresolved("edge", 7844);
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return InetSocketAddress.createUnresolved("connector", 1);
  }

  @Override
  public EventLoop eventLoop() {
    return loop;
  }

  @Override
  public boolean carriesDatagrams() {
    return true;
  }

  @Override
  public int openStreams() {
    return 0;
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
    return true;
  }

  @Override
  public Future<Void> closeFuture() {
    return group.next().newPromise();
  }

  @Override
  public void close(String reason) {}
}

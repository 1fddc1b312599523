package io.vpc4j.tunnel.carrier.quic;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** Somebody who dials an edge and then does as it likes. */
final class RawClient {

  private final Channel socket;
  private final QuicChannel quic;

  /** Of life, or the edge would give it up. */
  private final ScheduledFuture<?> signs;

  private RawClient(Channel socket, QuicChannel quic) {
    this.socket = socket;
    this.quic = quic;
    this.signs =
        quic.eventLoop()
            .scheduleAtFixedRate(
                () -> quic.writeAndFlush(QuicPair.zeros(1)), 1, 1, TimeUnit.SECONDS);
  }

  static RawClient dial(QuicPair pair, QuicSslContext tls) throws Exception {
    var edge = pair.address();
    var codec = QuicParameters.apply(new QuicClientCodecBuilder(), 10);
    codec.sslEngineProvider(
        quic -> tls.newEngine(quic.alloc(), QuicPair.SERVER_NAME, edge.getPort()));
    var socket =
        new Bootstrap()
            .group(pair.loops.group())
            .channelFactory(pair.loops.datagramChannels())
            .handler(codec.build())
            .bind(new InetSocketAddress(edge.getAddress(), 0))
            .sync()
            .channel();
    try {
      var quic =
          QuicPair.await(
              QuicChannel.newBootstrap(socket)
                  .handler(new ChannelInboundHandlerAdapter())
                  .streamHandler(new ChannelInboundHandlerAdapter())
                  .remoteAddress(edge)
                  .connect());
      return new RawClient(socket, quic);
    } catch (Exception e) {
      socket.close().sync();
      throw e;
    }
  }

  static RawClient dial(QuicPair pair) throws Exception {
    return dial(pair, QuicTls.client(QuicPair.settings()));
  }

  QuicChannel quic() {
    return quic;
  }

  /** Opens a stream and writes {@code first}. */
  QuicStreamChannel stream(ChannelHandler handler, ByteBuf first) throws Exception {
    var stream = QuicPair.await(quic.createStream(QuicStreamType.BIDIRECTIONAL, handler));
    stream.writeAndFlush(first).sync();
    return stream;
  }

  void close() throws Exception {
    signs.cancel(false);
    quic.close().sync();
    socket.close().sync();
  }
}

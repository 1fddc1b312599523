package io.vpc4j.core.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.net.EventLoops;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** One socket, the plain one or ours, and its plain peer. */
final class SocketPair implements Closeable {

  /** Whose socket it is. */
  enum Kind {
    /** The JDK's. */
    PLAIN {
      @Override
      Socket unconnected(EventLoops loops) {
        return new Socket();
      }
    },
    /** Ours, over a channel to this machine. */
    OURS {
      @Override
      Socket unconnected(EventLoops loops) throws IOException {
        return new ChannelSocket((host, port, timeout) -> dial(loops, host, port));
      }
    };

    abstract Socket unconnected(EventLoops loops) throws IOException;

    private static ChannelSocket.Link dial(EventLoops loops, String host, int port)
        throws VpcException {
      var dialling =
          new Bootstrap()
              .group(loops.group())
              .channelFactory(loops.socketChannels())
              .option(ChannelOption.SO_SNDBUF, 16 * 1024)
              .option(
                  ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(8_192, 65_536))
              .handler(ChannelSocket.newHandler())
              .connect(host, port)
              .awaitUninterruptibly();
      if (!dialling.isSuccess()) {
        throw new VpcException(
            ErrorCode.CONNECTION_REFUSED, Stage.CONNECT, "Refused.", dialling.cause());
      }
      return new ChannelSocket.Link(
          InetSocketAddress.createUnresolved(host, port), dialling.channel(), null);
    }
  }

  final Socket socket;
  final Socket peer;
  final InetSocketAddress address;
  private final ServerSocket listener;

  SocketPair(Kind kind, EventLoops loops) throws IOException {
    listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    address = new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.getLocalPort());
    socket = kind.unconnected(loops);
    socket.connect(address, 10_000);
    peer = listener.accept();
  }

  /** A port that nobody listens on. */
  static InetSocketAddress closedPort() throws IOException {
    try (var once = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), once.getLocalPort());
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
    peer.close();
    listener.close();
  }
}

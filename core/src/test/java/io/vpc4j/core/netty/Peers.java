package io.vpc4j.core.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
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

/** The far end: a listener, and a transport that dials it on loops of its own. */
final class Peers implements Closeable {

  /** Short queues, so that a story need not move much until one is full. */
  private static final int BUFFER_OCTETS = 32 * 1024;

  private final EventLoops transport;
  private final ServerSocket listener;

  Peers(EventLoops transport) throws IOException {
    this.transport = transport;
    listener = new ServerSocket();
    listener.setReceiveBufferSize(BUFFER_OCTETS);
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  Socket accept() throws IOException {
    listener.setSoTimeout(20_000);
    var accepted = listener.accept();
    accepted.setSoTimeout(20_000);
    return accepted;
  }

  /** The oracle's. */
  static Bootstrap plain(EventLoopGroup group, EventLoops kind) {
    return new Bootstrap()
        .group(group)
        .channelFactory(kind.socketChannels())
        .option(ChannelOption.SO_SNDBUF, BUFFER_OCTETS);
  }

  /** Ours. */
  Bootstrap ours(EventLoopGroup group) {
    return new Bootstrap().group(group).channelFactory(() -> new BindingChannel(dials()));
  }

  /** Dials on the caller's loop if that is the transport's, else on one of the transport's. */
  Dials dials() {
    return (host, port, timeout, handlers) -> {
      EventLoop loop = transport.here();
      var dialled = loop.<Channel>newPromise();
      new Bootstrap()
          .group(loop)
          .channelFactory(transport.socketChannels())
          .option(ChannelOption.SO_SNDBUF, BUFFER_OCTETS)
          .handler(handlers.get())
          .connect(host, port)
          .addListener(
              (ChannelFutureListener)
                  done -> {
                    if (!done.isSuccess()) {
                      dialled.tryFailure(
                          new VpcException(
                              ErrorCode.CONNECTION_REFUSED,
                              Stage.CONNECT,
                              "refused",
                              done.cause()));
                    } else if (!dialled.trySuccess(done.channel())) {
                      done.channel().close();
                    }
                  });
      return dialled;
    };
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}

package io.vpc4j.core.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The event loops of one {@link io.vpc4j.Vpc}, and the kinds of channel that run on them.
 *
 * <p>epoll where its native library is present, NIO everywhere else. The threads are daemons; they
 * never block and never run application code.
 */
public final class EventLoops implements AutoCloseable {

  /** Which of the operating system's mechanisms is in use. */
  public enum Io {
    /** Linux, with Netty's native library. */
    EPOLL,
    /** The JDK's own, everywhere. */
    NIO;

    /** {@code epoll} or {@code nio}. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Io io;
  private final EventLoopGroup group;

  private EventLoops(Io io, EventLoopGroup group) {
    this.io = io;
    this.group = group;
  }

  /** The best mechanism this machine and this path have. */
  public static Io best() {
    try {
      return Epoll.isAvailable() ? Io.EPOLL : Io.NIO;
    } catch (NoClassDefFoundError e) {
      return Io.NIO; // the classes are optional, and not on this path
    }
  }

  /**
   * Starts loops.
   *
   * @param threads 1 or more
   */
  public static EventLoops open(Io io, int threads) {
    var factory = io == Io.EPOLL ? EpollChannels.ioHandler() : NioIoHandler.newFactory();
    return new EventLoops(
        io,
        new MultiThreadIoEventLoopGroup(
            threads, new DefaultThreadFactory("vpc4j-loop", true), factory));
  }

  /** Starts as many loops as there are processors, on the best mechanism. */
  public static EventLoops open() {
    return open(best(), Runtime.getRuntime().availableProcessors());
  }

  /** The mechanism. */
  public Io io() {
    return io;
  }

  /** The loops. */
  public EventLoopGroup group() {
    return group;
  }

  /**
   * The loop that the caller runs on, so that what belongs together stays on one thread and is told
   * without waking another; for a caller on no loop of this, the next in turn.
   */
  public EventLoop here() {
    if (Thread.currentThread() instanceof FastThreadLocalThread) {
      for (var loop : group) {
        if (loop.inEventLoop()) {
          return (EventLoop) loop;
        }
      }
    }
    return group.next();
  }

  /** Makes TCP channels. */
  public ChannelFactory<? extends Channel> socketChannels() {
    return io == Io.EPOLL ? EpollChannels.sockets() : NioSocketChannel::new;
  }

  /** Makes listening TCP channels. */
  public ChannelFactory<? extends ServerChannel> serverSocketChannels() {
    return io == Io.EPOLL ? EpollChannels.serverSockets() : NioServerSocketChannel::new;
  }

  /** Makes UDP channels. */
  public ChannelFactory<? extends DatagramChannel> datagramChannels() {
    return io == Io.EPOLL ? EpollChannels.datagrams() : NioDatagramChannel::new;
  }

  /**
   * Makes UDP channels whose sockets somebody else reads. For {@link Io#EPOLL} alone; each is to be
   * registered with a loop of this.
   *
   * @param readers makes the reader of a channel that was just made
   */
  public ChannelFactory<? extends DatagramChannel> datagramChannels(
      Function<? super DatagramChannel, SocketReader> readers) {
    if (io != Io.EPOLL) {
      throw new IllegalStateException("with " + io + " a channel reads its socket itself");
    }
    return EpollChannels.datagrams(readers);
  }

  /** Makes channels to Unix sockets. */
  public ChannelFactory<? extends Channel> domainSocketChannels() {
    return io == Io.EPOLL ? EpollChannels.domainSockets() : NioDomainSocketChannel::new;
  }

  /** Makes listening channels of Unix sockets. */
  public ChannelFactory<? extends ServerChannel> serverDomainSocketChannels() {
    return io == Io.EPOLL ? EpollChannels.serverDomainSockets() : NioServerDomainSocketChannel::new;
  }

  /** The address of a Unix socket, as {@link #domainSocketChannels} wants it. */
  public SocketAddress domainSocketAddress(Path path) {
    return io == Io.EPOLL
        ? EpollChannels.domainSocketAddress(path)
        : UnixDomainSocketAddress.of(path);
  }

  /** Stops the loops; waits at most 6 s for what runs on them. */
  @Override
  public void close() {
    if (!inOwnLoop() && !group.isShuttingDown()) {
      finishQueued();
    }
    var stopped = group.shutdownGracefully(0, 3, TimeUnit.SECONDS);
    if (!inOwnLoop()) {
      stopped.awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
  }

  /** What is queued on one loop may want to tell another, which has to be there to hear it. */
  private void finishQueued() {
    var loops = new ArrayList<EventExecutor>();
    group.forEach(loops::add);
    var left = new CountDownLatch(loops.size());
    loops.forEach(loop -> loop.execute(left::countDown));
    try {
      left.await(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean inOwnLoop() {
    for (var loop : group) {
      if (loop.inEventLoop()) {
        return true;
      }
    }
    return false;
  }

  /** Apart, so that nothing of epoll is linked where it is absent. */
  private static final class EpollChannels {
    static IoHandlerFactory ioHandler() {
      return EpollHandler.newFactory();
    }

    static ChannelFactory<? extends ServerChannel> serverDomainSockets() {
      return EpollServerDomainSocketChannel::new;
    }

    static ChannelFactory<? extends Channel> sockets() {
      return EpollSocketChannel::new;
    }

    static ChannelFactory<? extends ServerChannel> serverSockets() {
      return EpollServerSocketChannel::new;
    }

    static ChannelFactory<? extends DatagramChannel> datagrams() {
      return EpollDatagramChannel::new;
    }

    static ChannelFactory<? extends DatagramChannel> datagrams(
        Function<? super DatagramChannel, SocketReader> readers) {
      return () -> {
        var channel = new EpollDatagramChannel();
        EpollReads.await(channel, readers.apply(channel));
        return channel;
      };
    }

    static SocketAddress domainSocketAddress(Path path) {
      return new DomainSocketAddress(path.toString());
    }

    static ChannelFactory<? extends Channel> domainSockets() {
      return EpollDomainSocketChannel::new;
    }
  }
}

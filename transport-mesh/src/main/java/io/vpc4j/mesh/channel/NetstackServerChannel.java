package io.vpc4j.mesh.channel;

import io.netty.channel.AbstractServerChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.vpc4j.mesh.loop.MeshLoop;
import io.vpc4j.mesh.netstack.FlowRefused;
import io.vpc4j.mesh.netstack.TcpServer;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Accepts connections on a port of every mesh address of ours. Its children are {@link
 * NetstackChannel}s of the same event loop. Without auto-read, each read accepts one.
 */
public final class NetstackServerChannel extends AbstractServerChannel {

  private static final int MAX_ACCEPTS = 64; // before others of the event loop have their turn

  private final MeshLoop loop;
  private final int backlog;
  private final LongSupplier random;
  private final ChannelConfig config = new DefaultChannelConfig(this);
  private volatile @Nullable InetSocketAddress local;
  private volatile boolean closed;

  // Confined to the loop.
  private @Nullable TcpServer server;
  private boolean readWanted;

  /**
   * One that is not bound yet.
   *
   * @param backlog how many connections may be established and not yet accepted
   * @param random unpredictable to peers
   */
  public NetstackServerChannel(MeshLoop loop, int backlog, LongSupplier random) {
    this.loop = loop;
    this.backlog = backlog;
    this.random = random;
  }

  /** Binds to the port; the address is only told on, since every mesh address of ours listens. */
  @Override
  protected void doBind(SocketAddress localAddress) throws BindException {
    var wanted = (InetSocketAddress) localAddress;
    try {
      var made =
          loop.stack()
              .listen(
                  wanted.getPort(),
                  backlog,
                  loop.stack().settings().tcp(),
                  random,
                  this::onAcceptable);
      server = made;
      local = new InetSocketAddress(wanted.getAddress(), made.port());
    } catch (FlowRefused e) {
      throw new BindException("mesh port " + wanted.getPort() + " is taken");
    }
  }

  @Override
  protected void doBeginRead() {
    readWanted = true;
    eventLoop().execute(this::onAcceptable);
  }

  private void onAcceptable() {
    var open = server;
    if (open == null || !readWanted) {
      return;
    }
    var socket = open.accept();
    if (socket == null) {
      return;
    }
    readWanted = false; // before handlers hear of it: they may want more
    var most = config.isAutoRead() ? MAX_ACCEPTS : 1; // a read by hand is for one
    for (var accepted = 1; socket != null; accepted++) {
      pipeline().fireChannelRead(new NetstackChannel(this, loop, socket));
      socket = accepted == most || server == null ? null : open.accept();
    }
    pipeline().fireChannelReadComplete(); // asks for more, if it is wanted
  }

  @Override
  protected void doClose() {
    closed = true;
    var open = server;
    server = null;
    if (open != null) {
      open.close(loop.nowNs());
      loop.wake();
    }
  }

  @Override
  protected boolean isCompatible(EventLoop eventLoop) {
    return eventLoop == loop.eventLoop();
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    return local;
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
    return !closed && local != null;
  }
}

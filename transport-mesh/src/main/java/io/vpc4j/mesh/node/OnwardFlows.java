package io.vpc4j.mesh.node;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.socket.DatagramPacket;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.channel.NetstackChannel;
import io.vpc4j.mesh.channel.NetstackDatagramChannel;
import io.vpc4j.mesh.loop.FlowOwner;
import io.vpc4j.mesh.loop.MeshLoop;
import io.vpc4j.mesh.netstack.Offer;
import io.vpc4j.mesh.netstack.UdpSocket;
import io.vpc4j.mesh.netstack.icmp.IcmpErrors.Problem;
import io.vpc4j.mesh.node.MeshConfig.Translation;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node without a kernel's help: flows to its routes end in its stack and go on as ordinary
 * sockets.
 *
 * <p>A connection is accepted once the onward one is, so that the dialler hears of a refusal as a
 * refusal. All sockets are of the mesh's event loop.
 */
final class OnwardFlows implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(OnwardFlows.class);

  /** How long an onward connection may take; the dialler's own patience is mostly shorter. */
  private static final int CONNECT_TIMEOUT_MS = 10_000;

  /** RFC 4787 4.3: a UDP mapping must not expire in less than two minutes. */
  private static final long UDP_IDLE_NS = 120_000_000_000L;

  private static final int MAX_DATAGRAM_FLOWS = 4_096;
  private static final int PING_TIMEOUT_MS = 1_000;
  private static final int MAX_PINGS = 64;

  private static final FlowOwner NOBODY_YET = () -> {};

  private final MeshLoop loop;
  private final EventLoops loops;
  private final AddressPolicy policy;
  private final List<Translation> translations;
  private final ChannelGroup channels;
  private final ThreadPoolExecutor pings;
  private int datagramFlows;

  OnwardFlows(
      MeshLoop loop,
      EventLoops loops,
      AddressPolicy policy,
      List<Translation> translations,
      ChannelGroup channels) {
    this.loop = loop;
    this.loops = loops;
    this.policy = policy;
    this.translations = translations;
    this.channels = channels;
    pings =
        new ThreadPoolExecutor(
            2, 2, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_PINGS), OnwardFlows::thread);
    pings.allowCoreThreadTimeOut(true);
  }

  private static Thread thread(Runnable task) {
    var thread = new Thread(task, "vpc4j-mesh-ping");
    thread.setDaemon(true);
    return thread;
  }

  /** Decides about a flow. */
  void onOffer(Offer offer) {
    var destination = translate(offer.destination());
    var port = offer.kind() == Offer.Kind.ECHO ? 0 : offer.destinationPort();
    if (!policy.allows(destination, port)) {
      LOG.debug("{} to {} port {} is denied", offer.kind(), destination, port);
      loop.stack().refuse(offer, Problem.PROHIBITED, loop.nowNs());
      return;
    }
    var to = new InetSocketAddress(destination.toInetAddress(), port);
    switch (offer.kind()) {
      case TCP -> connect(offer, to);
      case UDP -> associate(offer, to);
      case ECHO -> ping(offer, to);
    }
  }

  /** What the address is in the network behind. */
  private IpAddress translate(IpAddress address) {
    for (var translation : translations) {
      if (translation.announced().contains(address)) {
        var onward = translation.onward().network();
        var host = translation.announced().network();
        return new IpAddress(
            address.family(),
            onward.high() | (address.high() ^ host.high()),
            onward.low() | (address.low() ^ host.low()));
      }
    }
    return address;
  }

  // ---- streams ---------------------------------------------------------------------------------

  private void connect(Offer offer, InetSocketAddress to) {
    var dial =
        new Bootstrap()
            .group(loop.eventLoop())
            .channelFactory(loops.socketChannels())
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
            .option(ChannelOption.AUTO_READ, false)
            .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(new ChannelInboundHandlerAdapter())
            .connect(to);
    channels.add(dial.channel());
    dial.addListener(
        done -> {
          if (done.isSuccess()) {
            accept(offer, dial.channel());
          } else {
            refuse(offer, done.cause());
          }
          loop.wake();
        });
  }

  private void accept(Offer offer, Channel onward) {
    var socket = loop.stack().acceptTcp(offer, NOBODY_YET, loop.nowNs());
    if (socket == null) {
      onward.close();
      return;
    }
    var inner = new NetstackChannel(null, loop, socket);
    inner.config().setAutoRead(false);
    channels.add(inner);
    loop.eventLoop().register(inner);
    Relay.join(inner, onward);
  }

  private void refuse(Offer offer, Throwable cause) {
    var nowNs = loop.nowNs();
    if (cause instanceof NoRouteToHostException || cause instanceof ConnectTimeoutException) {
      loop.stack().refuse(offer, Problem.HOST_UNREACHABLE, nowNs);
    } else if (cause instanceof ConnectException) {
      loop.stack().reset(offer, nowNs);
    } else {
      LOG.debug("{} port {}: {}", offer.destination(), offer.destinationPort(), cause.toString());
      loop.stack().refuse(offer, Problem.HOST_UNREACHABLE, nowNs);
    }
  }

  // ---- datagrams -------------------------------------------------------------------------------

  private void associate(Offer offer, InetSocketAddress to) {
    if (datagramFlows >= MAX_DATAGRAM_FLOWS) {
      loop.stack().refuse(offer, Problem.HOST_UNREACHABLE, loop.nowNs());
      return;
    }
    var opened =
        OnwardDatagrams.receivingAll(new Bootstrap(), loops)
            .group(loop.eventLoop())
            .channelFactory(loops.datagramChannels())
            .option(ChannelOption.AUTO_READ, false)
            .handler(new ChannelInboundHandlerAdapter())
            .connect(to);
    channels.add(opened.channel());
    opened.addListener(
        done -> {
          var socket =
              done.isSuccess() ? loop.stack().acceptUdp(offer, NOBODY_YET, loop.nowNs()) : null;
          if (socket == null) {
            opened.channel().close();
            return;
          }
          datagramFlows++;
          var inner = new NetstackDatagramChannel(loop, socket);
          inner.config().setAutoRead(false);
          inner.closeFuture().addListener(closed -> datagramFlows--);
          channels.add(inner);
          loop.eventLoop().register(inner);
          new DatagramRelay(socket, inner, opened.channel()).begin();
        });
  }

  /** Two datagram channels that are one, until nothing has come for a while. */
  private final class DatagramRelay {
    private final UdpSocket flow;
    private final Channel inner;
    private final Channel onward;
    private long usedNs = loop.nowNs();

    DatagramRelay(UdpSocket flow, Channel inner, Channel onward) {
      this.flow = flow;
      this.inner = inner;
      this.onward = onward;
    }

    void begin() {
      inner.pipeline().addLast(new Side(onward));
      onward.pipeline().addLast(new Side(inner));
      inner.closeFuture().addListener(closed -> onward.close());
      onward.closeFuture().addListener(closed -> inner.close());
      inner.config().setAutoRead(true);
      onward.config().setAutoRead(true);
      watch(UDP_IDLE_NS);
    }

    private void watch(long delayNs) {
      inner
          .eventLoop()
          .schedule(
              () -> {
                var idleNs = loop.nowNs() - usedNs;
                if (idleNs >= UDP_IDLE_NS) {
                  inner.close();
                } else if (inner.isOpen()) {
                  watch(UDP_IDLE_NS - idleNs);
                }
              },
              delayNs,
              TimeUnit.NANOSECONDS);
    }

    private final class Side extends ChannelInboundHandlerAdapter {
      private final Channel other;

      Side(Channel other) {
        this.other = other;
      }

      @Override
      public void channelRead(ChannelHandlerContext context, Object message) {
        usedNs = loop.nowNs();
        var packet = (DatagramPacket) message;
        if (other == onward && !packet.content().isReadable()) {
          packet.release();
          other.flush(); // what came before it goes before it
          OnwardDatagrams.sendEmpty(other, loops);
        } else if (other.isWritable()) {
          other.write(packet.content(), other.voidPromise());
        } else {
          packet.release(); // UDP's queue is full
        }
      }

      @Override
      public void channelReadComplete(ChannelHandlerContext context) {
        other.flush();
        context.fireChannelReadComplete();
      }

      /** Nobody has the port: who asked is told, and the next datagram may find somebody. */
      @Override
      public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof PortUnreachableException && other == inner) {
          loop.submit(() -> loop.stack().refuse(flow, Problem.PORT_UNREACHABLE, loop.nowNs()));
        } else if (!(cause instanceof IOException)) {
          context.close();
        }
      }
    }
  }

  // ---- echo ------------------------------------------------------------------------------------

  /** Asks the host as far as the system lets an ordinary user, which is what the JDK does. */
  private void ping(Offer offer, InetSocketAddress to) {
    try {
      pings.execute(
          () -> {
            var reached = reached(to);
            loop.submit(
                () -> {
                  if (reached) {
                    loop.stack().acceptEcho(offer);
                  } else {
                    loop.stack().refuse(offer, Problem.HOST_UNREACHABLE, loop.nowNs());
                  }
                });
          });
    } catch (RejectedExecutionException e) {
      LOG.debug("Too many pings wait; the one to {} is dropped", to);
    }
  }

  private static boolean reached(InetSocketAddress to) {
    try {
      return to.getAddress().isReachable(PING_TIMEOUT_MS);
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    pings.shutdownNow();
  }
}

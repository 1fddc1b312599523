package io.vpc4j.core.entrance;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import io.vpc4j.VpcException;
import io.vpc4j.core.entrance.DatagramFlows.Destination;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The relay of one {@code UDP ASSOCIATE}: a UDP socket for one client, and a flow for each
 * destination of its datagrams. RFC 1928 7
 *
 * <p>Bounds: {@link DatagramFlows#MAX_FLOWS} destinations, {@link #MAX_WAITING} datagrams for one
 * that is being dialled; a datagram beyond them, or for which a channel has no room, is lost, as
 * datagrams are. A flow ends when nothing has passed for {@link DatagramFlows#IDLE_NS}, all of it
 * when the client's TCP connection does.
 *
 * <p>Takes datagrams from the host of that connection alone, and from one port of it: the one that
 * the client announced, or else that of its first datagram.
 *
 * <p>Confined to the client's loop, where the socket is too.
 */
final class UdpAssociation {

  /** Datagrams kept while their destination is dialled. */
  static final int MAX_WAITING = 8;

  private static final long SWEEP_NS = TimeUnit.SECONDS.toNanos(1);

  private final Visit visit;
  private final Ticker ticker;
  private final EventLoop loop;
  private final InetAddress clientHost;
  private final DatagramFlows<Flow> flows = new DatagramFlows<>();
  private int clientPort;
  private @Nullable Channel socket;
  private @Nullable ScheduledFuture<?> sweep;

  /**
   * Not bound yet.
   *
   * @param clientPort the port that datagrams will come from; 0 if the client did not say
   */
  UdpAssociation(Visit visit, Ticker ticker, InetAddress clientHost, int clientPort) {
    this.visit = visit;
    this.ticker = ticker;
    this.loop = visit.client().eventLoop();
    this.clientHost = clientHost;
    this.clientPort = clientPort;
    visit.client().closeFuture().addListener(closed -> close());
  }

  /** Binds to a free port of {@code address}. */
  ChannelFuture bind(EventLoops loops, InetAddress address) {
    var binding =
        new Bootstrap()
            .group(loop)
            .channelFactory(loops.datagramChannels())
            .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(65_535))
            .handler(new FromClient())
            .bind(new InetSocketAddress(address, 0));
    binding.addListener(
        bound -> {
          if (!bound.isSuccess()) {
            return;
          }
          if (!visit.client().isActive()) {
            binding.channel().close();
            return;
          }
          socket = binding.channel();
          sweep =
              loop.scheduleWithFixedDelay(
                  () -> flows.expire(ticker.nowNs()).forEach(Flow::end),
                  SWEEP_NS,
                  SWEEP_NS,
                  TimeUnit.NANOSECONDS);
        });
    return binding;
  }

  private void close() {
    flows.clear().forEach(Flow::end);
    if (sweep != null) {
      sweep.cancel(false);
    }
    if (socket != null) {
      socket.close();
    }
  }

  private void onDatagram(DatagramPacket packet) {
    var from = packet.sender();
    if (!from.getAddress().equals(clientHost)
        || (clientPort != 0 && clientPort != from.getPort())) {
      return; // RFC 1928 7: it MUST drop datagrams from others
    }
    var to = SocksDatagram.read(packet.content());
    if (to == null) {
      return;
    }
    clientPort = from.getPort();
    var flow = flows.use(to, ticker.nowNs());
    if (flow == null) {
      flow = new Flow(to);
      var displaced = flows.add(to, flow, ticker.nowNs());
      if (displaced != null) {
        displaced.end();
      }
      flow.dial();
    }
    flow.send(packet.content());
  }

  /** From the client. */
  private final class FromClient extends SimpleChannelInboundHandler<DatagramPacket> {
    @Override
    protected void channelRead0(ChannelHandlerContext here, DatagramPacket packet) {
      onDatagram(packet);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext here, Throwable cause) {
      // The client closed its port, and a datagram to it came back so: it may open it again.
    }
  }

  /** One destination. */
  private final class Flow {
    private final Destination to;
    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>();
    private @Nullable Future<Channel> dialling;
    private @Nullable Channel channel;
    private boolean over;

    Flow(Destination to) {
      this.to = to;
    }

    void dial() {
      try {
        var dial =
            visit
                .way()
                .datagrams(to.host(), to.port(), visit.connectTimeout(), () -> new FromFar(this));
        dialling = dial;
        dial.addListener(done -> loop.execute(() -> dialled(dial)));
      } catch (VpcException e) {
        end(); // no route, or denied: to a client of datagrams, silence
      }
    }

    private void dialled(Future<Channel> dial) {
      dialling = null;
      if (!dial.isSuccess()) {
        end();
      } else if (over) {
        dial.getNow().close();
      } else {
        channel = dial.getNow();
        channel.closeFuture().addListener(closed -> loop.execute(this::end));
        for (var octets = waiting.poll(); octets != null; octets = waiting.poll()) {
          channel.write(octets);
        }
        channel.flush();
        channel.read();
      }
    }

    void send(ByteBuf octets) {
      if (channel != null) {
        if (channel.isWritable()) {
          channel.writeAndFlush(octets.retainedSlice());
        }
      } else if (!over && waiting.size() < MAX_WAITING) {
        // A copy: it may wait for long, and what it came in is as large as a datagram can be.
        waiting.add(visit.client().alloc().buffer(octets.readableBytes()).writeBytes(octets));
      }
    }

    void onAnswer(Object message) {
      var client = socket;
      var content = message instanceof ByteBufHolder holder ? holder.content() : message;
      if (over || client == null || !(content instanceof ByteBuf octets) || !client.isWritable()) {
        ReferenceCountUtil.release(message);
        return;
      }
      flows.use(to, ticker.nowNs());
      var from = channel == null ? null : channel.remoteAddress();
      client.writeAndFlush(
          new DatagramPacket(
              Unpooled.wrappedBuffer(SocksDatagram.header(client.alloc(), from, to), octets),
              new InetSocketAddress(clientHost, clientPort)));
    }

    void end() {
      if (over) {
        return;
      }
      over = true;
      flows.remove(to, this);
      waiting.forEach(ByteBuf::release);
      waiting.clear();
      if (dialling != null) {
        dialling.cancel(true);
      }
      if (channel != null) {
        channel.close();
      }
    }
  }

  /** From a destination, a read at a time: the next one when this one has been sent on. */
  private final class FromFar extends ChannelInboundHandlerAdapter {
    private final Flow flow;

    FromFar(Flow flow) {
      this.flow = flow;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext here) {
      here.channel().config().setAutoRead(false);
    }

    @Override
    public void channelRead(ChannelHandlerContext here, Object message) {
      try {
        loop.execute(() -> flow.onAnswer(message));
      } catch (RejectedExecutionException e) {
        ReferenceCountUtil.release(message); // the loops are ending
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext here) {
      try {
        loop.execute(here.channel()::read);
      } catch (RejectedExecutionException e) {
        here.close();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext here, Throwable cause) {
      // Such as nobody at that port: the next datagram may find somebody. RFC 1122 4.1.3.3
    }
  }
}

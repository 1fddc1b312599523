package io.vpc4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.core.spi.Listen;
import io.vpc4j.core.spi.NextHop;
import io.vpc4j.core.spi.Transport;
import io.vpc4j.core.spi.Transport.Capability;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * The promises of {@link Transport#listen}, and that it refuses where there is nothing to accept.
 */
abstract class AcceptingContract extends ContractWorld {

  @Test
  void aTransportListensOrSaysThatItDoesNot() throws Exception {
    var listening = transport.listen(listen(0, 5, new NearEnds()));
    assertTrue(listening.await(PATIENCE_SECONDS, TimeUnit.SECONDS), "listening has an answer");

    if (!transport.capabilities().contains(Capability.LISTEN)) {
      var failure = assertInstanceOf(VpcException.class, listening.cause());
      assertEquals(ErrorCode.CONFIGURATION_ERROR, failure.code(), failure::toString);
      assertFalse(failure.retryMayHelp(), "it will not listen later either");
      return;
    }
    assertTrue(listening.isSuccess(), () -> String.valueOf(listening.cause()));
    var port = portOf(listening.getNow());
    var taken = transport.listen(listen(port, 5, new NearEnds()));
    assertTrue(taken.await(PATIENCE_SECONDS, TimeUnit.SECONDS), "so has a port that is taken");
    var failure = assertInstanceOf(VpcException.class, taken.cause());
    assertEquals(ErrorCode.CONFIGURATION_ERROR, failure.code(), failure::toString);
    listening.getNow().close().sync();
    var again = transport.listen(listen(port, 5, new NearEnds()));
    assertEquals(port, portOf(channelOf(again)), "a port that was given up can be had again");
  }

  @Test
  void whoCallsIsAcceptedWhenAskedForAndOctetsGoBothWays() throws Exception {
    if (!transport.capabilities().contains(Capability.LISTEN)) {
      return; // the test above holds that it refuses
    }
    var ends = new NearEnds();
    var listening = channelOf(transport.listen(listen(0, 5, ends)));
    var caller = new NearEnd();
    var calling = dialBack(portOf(listening), caller);
    var called = channelOf(calling);
    assertEquals(0, ends.accepted.size(), "nothing is accepted that nobody asked for");

    listening.read();
    until("it is accepted", () -> ends.accepted.size() == 1);
    var accepted = ends.accepted.get(0);
    called.writeAndFlush(Unpooled.copiedBuffer("hello", StandardCharsets.US_ASCII));
    until("its octets come", () -> ends.ends.get(0).octets.get() == 5);
    accepted.writeAndFlush(Unpooled.copiedBuffer("back", StandardCharsets.US_ASCII));
    until("and ours go", () -> caller.octets.get() == 4);
    assertNull(ends.ends.get(0).wrongThread);

    listening.close().sync();
    assertTrue(accepted.isActive(), "what was accepted stays");
    called.close();
    ends.ends.get(0).inactive.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void whatNobodyAcceptedEndsWithTheListening() throws Exception {
    if (!transport.capabilities().contains(Capability.LISTEN)) {
      return;
    }
    var listening = channelOf(transport.listen(listen(0, 5, new NearEnds())));
    var caller = new NearEnd();
    channelOf(dialBack(portOf(listening), caller));

    listening.close().sync();

    caller.inactive.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void closingTheTransportEndsTheListeningAndWhatWasAccepted() throws Exception {
    if (!transport.capabilities().contains(Capability.LISTEN)) {
      return;
    }
    var ends = new NearEnds();
    var listening = channelOf(transport.listen(listen(0, 5, ends)));
    channelOf(dialBack(portOf(listening), new NearEnd()));
    listening.read();
    until("it is accepted", () -> ends.accepted.size() == 1);

    transport.close();

    assertTrue(listening.closeFuture().await(PATIENCE_SECONDS, TimeUnit.SECONDS));
    ends.ends.get(0).inactive.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** A near end for each accepted channel. */
  @ChannelHandler.Sharable
  private static final class NearEnds extends ChannelInitializer<Channel> {
    private final List<Channel> accepted = new CopyOnWriteArrayList<>();
    private final List<NearEnd> ends = new CopyOnWriteArrayList<>();

    @Override
    protected void initChannel(Channel channel) {
      var near = new NearEnd();
      channel.pipeline().addLast(near);
      ends.add(near);
      accepted.add(channel);
    }
  }

  private Listen listen(int port, int backlog, ChannelHandler initializer) {
    var deadlineNs = ticker.nowNs() + seconds(PATIENCE_SECONDS).toNanos();
    var hop = world.hop() instanceof NextHop.NodeHop ? NextHop.NodeHop.SELF : world.hop();
    return new Listen(hop, port, backlog, initializer, deadlineNs);
  }

  private static int portOf(Channel listening) {
    return ((InetSocketAddress) listening.localAddress()).getPort();
  }
}

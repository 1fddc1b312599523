package io.vpc4j.mesh;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.testkit.FreePort;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.PortUnreachableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Datagrams of every length, by a node of this process to an ordinary server and back. */
class OnwardDatagramsTest {

  private static final int PATIENCE_SECONDS = 30;
  private static final IpAddress US = IpAddress.require("100.96.0.1");
  private static final IpAddress FAR = IpAddress.require("100.96.0.2");
  private static final IpAddress TARGET = IpAddress.require("10.77.0.1");

  private static void echo(DatagramSocket server) {
    var packet = new java.net.DatagramPacket(new byte[65_535], 65_535);
    while (!server.isClosed()) {
      try {
        packet.setLength(65_535);
        server.receive(packet);
        server.send(packet);
      } catch (IOException closed) {
        return;
      }
    }
  }

  private static MeshNode far() throws Exception {
    return MeshNode.builder()
        .privateKey(TestKey.of(2).secret())
        .address(FAR)
        .route(Cidr.of(TARGET), Cidr.require("127.0.0.1/32"))
        .peer(TestKey.node("us", TestKey.of(1), Optional.empty(), US))
        .start();
  }

  private static MeshNode us(MeshNode far) throws Exception {
    var endpoint = Optional.of("127.0.0.1:" + far.listenPort());
    return MeshNode.builder()
        .privateKey(TestKey.of(1).secret())
        .address(US)
        .peer(TestKey.node("far", TestKey.of(2), endpoint, FAR, TARGET))
        .start();
  }

  @Test
  void theLongestAndTheEmptyOneComeBackAsTheyWere() throws Exception {
    var answers = new LinkedBlockingQueue<byte[]>();
    var keeping =
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelRead(ChannelHandlerContext context, Object message) {
            var packet = (DatagramPacket) message;
            answers.add(ByteBufUtil.getBytes(packet.content()));
            packet.release();
          }
        };
    try (var server = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        var far = far();
        var us = us(far)) {
      var serving = new Thread(() -> echo(server), "far-end");
      serving.setDaemon(true);
      serving.start();
      var dialling = us.connectDatagrams(TARGET, server.getLocalPort(), keeping);
      assertThat(dialling.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      var channel = dialling.get();
      var lengths = new ArrayList<>(List.of(1, 2_048, 2_049, 9_000, 65_507, 1));
      if (EventLoops.best() == EventLoops.Io.EPOLL) { // with NIO an empty one is not sent on
        lengths.addAll(List.of(0, 1, 0));
      }
      var random = new Random(1);
      for (var length : lengths) {
        var sent = new byte[length];
        random.nextBytes(sent);
        channel.writeAndFlush(Unpooled.wrappedBuffer(sent)).sync();
        assertThat(answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS))
            .as("%d octets", length)
            .isEqualTo(sent);
      }
    }
  }

  @Test
  void whoAsksAPortThatNobodyHasIsToldSoAndHeardLater() throws Exception {
    var heard = new LinkedBlockingQueue<Object>();
    var keeping =
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelRead(ChannelHandlerContext context, Object message) {
            var packet = (DatagramPacket) message;
            heard.add(packet.content().toString(US_ASCII));
            packet.release();
          }

          @Override
          public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            heard.add(cause.getClass());
          }
        };
    var port = FreePort.next();
    try (var far = far();
        var us = us(far)) {
      var dialling = us.connectDatagrams(TARGET, port, keeping);
      assertThat(dialling.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      var channel = dialling.get();
      channel.writeAndFlush(Unpooled.copiedBuffer("anybody?", US_ASCII)).sync();
      assertThat(heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS))
          .isEqualTo(PortUnreachableException.class);

      try (var server = new DatagramSocket(port, InetAddress.getLoopbackAddress())) {
        var serving = new Thread(() -> echo(server), "far-end");
        serving.setDaemon(true);
        serving.start();
        channel.writeAndFlush(Unpooled.copiedBuffer("and now?", US_ASCII)).sync();
        assertThat(heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("and now?");
      }
    }
  }
}

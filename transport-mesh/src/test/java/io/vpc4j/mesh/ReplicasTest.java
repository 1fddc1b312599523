package io.vpc4j.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.directory.NodeRecord.Announcement;
import io.vpc4j.core.directory.Policy;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Two nodes of this process announce one prefix, which each translates to another address of the
 * loopback interface; a server there says at which of them a connection came in.
 */
class ReplicasTest {

  private static final int PATIENCE_SECONDS = 30;
  private static final IpAddress US = IpAddress.require("100.96.0.1");
  private static final IpAddress TARGET = IpAddress.require("10.77.0.1");
  private static final IpAddress CLIENT = IpAddress.require("100.96.0.4");
  private static final String FIRST = "127.0.0.1";
  private static final String SECOND = "127.0.0.2";

  private final List<MeshNode> nodes = new ArrayList<>();
  private final List<Channel> channels = new ArrayList<>();
  private ServerSocket server;

  @BeforeEach
  void serve() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getByName("0.0.0.0"));
    var accepting = new Thread(this::accept, "far-end");
    accepting.setDaemon(true);
    accepting.start();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        var socket = server.accept();
        var serving = new Thread(() -> sayWhere(socket), "far-end");
        serving.setDaemon(true);
        serving.start();
      } catch (IOException closed) {
        return;
      }
    }
  }

  /** For each octet that comes, at which address it did. */
  private static void sayWhere(Socket socket) {
    try (socket) {
      var where = socket.getLocalAddress().getHostAddress();
      while (socket.getInputStream().read() >= 0) {
        socket.getOutputStream().write(where.getBytes(StandardCharsets.US_ASCII));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterEach
  void closeAll() throws IOException {
    nodes.parallelStream().forEach(MeshNode::close);
    server.close();
  }

  private MeshNode start(MeshNode.Builder builder) throws IOException {
    var node = builder.start();
    nodes.add(node);
    return node;
  }

  private MeshNode announcer(int key, String onward) throws IOException {
    return start(
        MeshNode.builder()
            .privateKey(TestKey.of(key).secret())
            .address(address(key))
            .route(Cidr.of(TARGET), Cidr.require(onward + "/32"))
            .peer(hub(Optional.empty(), CLIENT)));
  }

  /** The node in the middle, as others know it, and what they reach over it. */
  private static NodeRecord hub(Optional<String> endpoint, IpAddress over) {
    return new NodeRecord(
        "us",
        "us",
        NodeRecord.Kind.NODE,
        List.of(US),
        List.of(new Announcement(Cidr.of(over), "default", "")),
        100,
        Optional.of(
            new NodeRecord.Peer(
                TestKey.of(1).publicKey(), endpoint, Optional.empty(), Optional.empty())));
  }

  private static IpAddress address(int key) {
    return IpAddress.require("100.96.0." + key);
  }

  private static NodeRecord record(int key, MeshNode node, int priority) {
    var id = "node-" + key;
    var peer =
        new NodeRecord.Peer(
            TestKey.of(key).publicKey(),
            Optional.of("127.0.0.1:" + node.listenPort()),
            Optional.empty(),
            Optional.empty());
    return new NodeRecord(
        id,
        id,
        NodeRecord.Kind.NODE,
        List.of(address(key)),
        List.of(new Announcement(Cidr.of(TARGET), "default", "")),
        priority,
        Optional.of(peer));
  }

  private MeshNode us(NodeRecord... records) throws IOException {
    var builder = MeshNode.builder().privateKey(TestKey.of(1).secret()).address(US);
    for (var record : records) {
      builder.peer(record);
    }
    return start(builder);
  }

  /** A connection that asks where it came out. */
  private static final class Asking extends ChannelInboundHandlerAdapter {
    private final LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      answers.add(new String(ByteBufUtil.getBytes((ByteBuf) message), StandardCharsets.US_ASCII));
      ((ByteBuf) message).release();
    }

    String ask(Channel channel) throws InterruptedException {
      channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[1]));
      var answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(answer).as("an answer").isNotNull();
      return answer;
    }
  }

  /** Where so many new connections come out, one after the other; they stay open. */
  private List<String> dial(MeshNode us, int count, List<Asking> asking) throws Exception {
    var where = new ArrayList<String>();
    for (var i = 0; i < count; i++) {
      var handler = new Asking();
      var dialling = us.connect(TARGET, server.getLocalPort(), handler);
      assertThat(dialling.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      channels.add(dialling.get());
      asking.add(handler);
      where.add(handler.ask(dialling.get()));
    }
    return where;
  }

  private List<String> askAll(List<Asking> asking, int from, int step) throws Exception {
    var where = new ArrayList<String>();
    for (var i = from; i < asking.size(); i += step) {
      where.add(asking.get(i).ask(channels.get(i)));
    }
    return where;
  }

  @Test
  void equalsShareNewFlowsAndADeadOneGetsNone() throws Exception {
    var first = announcer(2, FIRST);
    var second = announcer(3, SECOND);
    var us = us(record(2, first, 100), record(3, second, 100));
    var asking = new ArrayList<Asking>();

    var where = dial(us, 10, asking);

    assertThat(where).containsOnly(FIRST, SECOND);
    for (var i = 2; i < where.size(); i++) {
      assertThat(where.get(i)).as("connection %d of %s", i, where).isEqualTo(where.get(i - 2));
    }
    assertThat(askAll(asking, 0, 1)).as("each stays where it is").isEqualTo(where);
    assertThat(us.status().peers()).allMatch(peer -> peer.alive() && !peer.standby());

    second.close();
    awaitDead(us, "node-3");

    assertThat(dial(us, 6, asking)).containsOnly(FIRST);
    var ofTheFirst = where.indexOf(FIRST);
    assertThat(askAll(new ArrayList<>(asking.subList(0, 10)), ofTheFirst, 2)).containsOnly(FIRST);
  }

  @Test
  void theLowerPriorityHasAllWhileItIsAlive() throws Exception {
    var first = announcer(2, FIRST);
    var second = announcer(3, SECOND);
    var us = us(record(2, first, 200), record(3, second, 10));

    assertThat(dial(us, 6, new ArrayList<>())).containsOnly(SECOND);
    assertThat(us.status().peers())
        .allMatch(peer -> peer.standby() == peer.nodeId().equals("node-2"));
  }

  /** Of 24 flows that somebody else sends through us, each stays where it is: they are shared. */
  @Test
  void whatIsForwardedIsSharedFlowByFlow() throws Exception {
    var first = announcer(2, FIRST);
    var second = announcer(3, SECOND);
    var us =
        start(
            MeshNode.builder()
                .privateKey(TestKey.of(1).secret())
                .address(US)
                .hub(Policy.BUILT_IN)
                .peer(record(2, first, 100))
                .peer(record(3, second, 100))
                .peer(TestKey.node("client", TestKey.of(4), Optional.empty(), CLIENT)));
    var client =
        start(
            MeshNode.builder()
                .privateKey(TestKey.of(4).secret())
                .address(CLIENT)
                .peer(hub(Optional.of("127.0.0.1:" + us.listenPort()), TARGET)));
    var asking = new ArrayList<Asking>();

    var where = dial(client, 24, asking);

    assertThat(where).contains(FIRST, SECOND).containsOnly(FIRST, SECOND);
    assertThat(askAll(asking, 0, 1)).as("each stays where it is").isEqualTo(where);

    second.close();
    awaitDead(us, "node-3");

    assertThat(dial(client, 6, asking)).containsOnly(FIRST);
    for (var i = 0; i < where.size(); i++) {
      if (where.get(i).equals(FIRST)) {
        assertThat(asking.get(i).ask(channels.get(i))).isEqualTo(FIRST);
      }
    }
    client.close(); // its ends go by the hub, which so ends after it
  }

  private static void awaitDead(MeshNode us, String nodeId) {
    var untilNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (us.status().peers().stream()
        .anyMatch(peer -> peer.nodeId().equals(nodeId) && peer.alive())) {
      assertThat(System.nanoTime() - untilNs).as("it is found to be dead").isNegative();
      LockSupport.parkNanos(1_000_000);
    }
  }
}

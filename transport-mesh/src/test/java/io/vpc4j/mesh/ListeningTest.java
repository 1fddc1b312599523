package io.vpc4j.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.vpc4j.ErrorCode;
import io.vpc4j.NetworkTarget;
import io.vpc4j.Vpc;
import io.vpc4j.VpcException;
import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.MeshSettings;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.routing.BindingSpec;
import io.vpc4j.core.runtime.RuntimePlan;
import io.vpc4j.core.runtime.VpcRuntime;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code network.listen}: an application is called over the mesh. */
@Timeout(60)
class ListeningTest {

  private static final IpAddress NEAR = IpAddress.require("100.96.0.1");
  private static final IpAddress FAR = IpAddress.require("100.96.0.2");

  private MeshNode far;
  private Vpc vpc;

  @BeforeEach
  void begin() throws Exception {
    var near = TestKey.of(1);
    far =
        MeshNode.builder()
            .privateKey(TestKey.of(2).secret())
            .address(FAR)
            .peer(TestKey.node("near", near, Optional.empty(), NEAR))
            .start();
    var record = TestKey.called("far", TestKey.of(2), "127.0.0.1:" + far.listenPort(), FAR);
    var empty = DirectorySnapshot.empty();
    var directory =
        new DirectorySnapshot(
            empty.tunnels(),
            empty.virtualNetworks(),
            empty.routes(),
            empty.hostnameRoutes(),
            empty.services(),
            Map.of("far", record),
            empty.loopback(),
            empty.bindings(),
            empty.transports(),
            new MeshSettings(Optional.of(near.secret()), 0, List.of(NEAR)),
            Optional.empty(),
            Optional.empty());
    var mesh = new NetworkTarget.Network("cf1:network");
    vpc =
        VpcRuntime.open(
            RuntimePlan.of(
                List.of(
                    new BindingSpec.Network("MY_VPC", mesh, false),
                    new BindingSpec.Network("SIMULATED", mesh, true),
                    new BindingSpec.Network("ELSEWHERE", new NetworkTarget.Network("x:y"), false)),
                Directory.fixed(directory)),
            List.of(new MeshTransportProvider()));
  }

  @AfterEach
  void end() {
    vpc.close();
    far.close();
  }

  /** Sends a line and an end, and keeps what comes back. */
  private static final class Caller extends ChannelInboundHandlerAdapter {
    private final StringBuilder said = new StringBuilder();
    private final CompletableFuture<String> answer = new CompletableFuture<>();

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      context.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      context
          .writeAndFlush(Unpooled.copiedBuffer("hello", StandardCharsets.US_ASCII))
          .addListener(done -> ((DuplexChannel) context.channel()).shutdownOutput());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var buffer = (ByteBuf) message;
      said.append(buffer.toString(StandardCharsets.US_ASCII));
      buffer.release();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event == ChannelInputShutdownEvent.INSTANCE) {
        answer.complete(said.toString());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      answer.completeExceptionally(cause);
    }
  }

  @Test
  void anApplicationIsCalledAtItsMeshAddress() throws Exception {
    try (var listening = vpc.network("MY_VPC").listen(0)) {
      assertThat(listening.getInetAddress()).isEqualTo(InetAddress.getByName("100.96.0.1"));
      var caller = new Caller();
      var calling = far.connect(NEAR, listening.getLocalPort(), caller);

      try (var accepted = listening.accept()) {
        assertThat(accepted.getRemoteSocketAddress().toString()).startsWith("100.96.0.2");
        assertThat(accepted.getInputStream().readAllBytes()).asString().isEqualTo("hello");
        accepted.getOutputStream().write("good bye".getBytes(StandardCharsets.US_ASCII));
        accepted.shutdownOutput();
        assertThat(caller.answer.get(30, TimeUnit.SECONDS)).isEqualTo("good bye");
      }
      assertThat(calling.isSuccess()).isTrue();
    }
  }

  /** Who finds the backlog full asks again, and is accepted once there is room. */
  @Test
  void whoFindsTheBacklogFullWaits() throws Exception {
    try (var listening = vpc.network("MY_VPC").listen(7, 1)) {
      var callers = List.of(new Caller(), new Caller(), new Caller());
      var first = far.connect(NEAR, 7, callers.get(0)).sync();
      var others =
          List.of(far.connect(NEAR, 7, callers.get(1)), far.connect(NEAR, 7, callers.get(2)));

      for (var i = 0; i < callers.size(); i++) {
        try (var accepted = listening.accept()) {
          assertThat(accepted.getInputStream().readAllBytes()).asString().isEqualTo("hello");
          accepted.shutdownOutput();
        }
      }
      for (var caller : callers) {
        assertThat(caller.answer.get(30, TimeUnit.SECONDS)).isEmpty();
      }
      assertThat(first.isSuccess()).isTrue();
      for (var other : others) {
        assertThat(other.await(30, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  @Test
  void aPortIsHadOnceAndTheVpcsEndIsItsEnd() throws Exception {
    var listening = vpc.network("MY_VPC").listen(8080);
    assertThatThrownBy(() -> vpc.network("MY_VPC").listen(8080))
        .isInstanceOfSatisfying(
            VpcException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_ERROR))
        .hasMessageContaining("Port 8080 of our mesh addresses is taken");

    vpc.close();

    assertThatThrownBy(listening::accept)
        .isInstanceOf(SocketException.class)
        .hasMessage("Socket closed");
  }

  @Test
  void whatHasNoAddressOfOursRefuses() {
    for (var binding : List.of("SIMULATED", "ELSEWHERE")) {
      assertThatThrownBy(() -> vpc.network(binding).listen(0))
          .as(binding)
          .isInstanceOfSatisfying(
              VpcException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.DESTINATION_UNAVAILABLE))
          .hasMessageContaining("No transport on the path carries");
    }
    assertThatThrownBy(() -> vpc.network("MY_VPC").listen(-1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> vpc.network("MY_VPC").listen(0, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

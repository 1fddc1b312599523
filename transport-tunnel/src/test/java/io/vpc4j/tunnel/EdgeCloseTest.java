package io.vpc4j.tunnel;

import static io.vpc4j.tunnel.ConnectorWorld.readHead;
import static io.vpc4j.tunnel.ConnectorWorld.until;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.tunnel.ConnectorWorld.Answer;
import io.vpc4j.tunnel.carrier.StreamFailure;
import io.vpc4j.tunnel.edge.Wanted;
import io.vpc4j.tunnel.stream.ConnectRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An edge is closed while requests are under way: it waits for them, as long as it was told to. */
class EdgeCloseTest {

  private static final Duration LONG = TunnelEdge.MAX_GRACE_PERIOD;
  private static final Duration SHORT = Duration.ofMillis(100);

  @TempDir private Path state;
  private final CountDownLatch mayAnswer = new CountDownLatch(1);
  private ConnectorWorld world;
  private Thread closing;

  @AfterEach
  void end() throws Exception {
    mayAnswer.countDown();
    if (world != null) {
      world.close();
    }
    if (closing != null) {
      closing.join(TimeUnit.SECONDS.toMillis(ConnectorWorld.PATIENCE_SECONDS));
    }
  }

  /** A request whose answer has begun, and goes on once {@link #mayAnswer}. */
  private Answer begin(Protocol protocol, Duration gracePeriod) throws Exception {
    world =
        new ConnectorWorld(
            state, protocol, "ingress: [{service: http_status:404}]", more -> {}, gracePeriod);
    var port =
        world.origin(
            socket -> {
              readHead(socket.getInputStream());
              var out = socket.getOutputStream();
              out.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst".getBytes(US_ASCII));
              out.flush();
              mayAnswer.await();
              out.write(" last".getBytes(US_ASCII));
            });
    var answer = new Answer();
    var opening =
        world.edge.edge().open(ConnectorWorld.TUNNEL.toString(), tcp(port), answer, soonNs());
    assertThat(opening.await(ConnectorWorld.PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    opening.getNow().channel().writeAndFlush(ConnectorWorld.octets("GET / HTTP/1.1\r\n\r\n"));
    until(() -> answer.text().endsWith("first"));
    return answer;
  }

  private static Wanted tcp(int port) {
    return Wanted.ofAny(ConnectRequest.tcp("127.0.0.1:" + port));
  }

  private static long soonNs() {
    return System.nanoTime() + TimeUnit.SECONDS.toNanos(ConnectorWorld.PATIENCE_SECONDS);
  }

  private void close() {
    closing = new Thread(world.edge::close, "closing");
    closing.start();
  }

  /** Waits until nothing new is opened any more; the first answer that says so. */
  private void untilNothingIsOpened() {
    until(
        () -> {
          var asked =
              world
                  .edge
                  .edge()
                  .open(
                      ConnectorWorld.TUNNEL.toString(),
                      tcp(1),
                      new ChannelInboundHandlerAdapter(),
                      soonNs());
          asked.awaitUninterruptibly(ConnectorWorld.PATIENCE_SECONDS, TimeUnit.SECONDS);
          return asked.cause() instanceof StreamFailure failure
              && String.valueOf(failure.getMessage()).contains("closing");
        });
  }

  private void untilClosed() throws InterruptedException {
    closing.join(TimeUnit.SECONDS.toMillis(ConnectorWorld.PATIENCE_SECONDS));
    assertThat(closing.isAlive()).isFalse();
    until(() -> world.edge.status().connections().isEmpty());
  }

  @ParameterizedTest
  @EnumSource
  void whatRunsIsFinishedAndNothingNewIsBegun(Protocol protocol) throws Exception {
    var answer = begin(protocol, LONG);

    close();
    untilNothingIsOpened();
    assertThat(closing.isAlive()).isTrue();
    assertThat(world.connector.readyConnections()).isEqualTo(1);
    mayAnswer.countDown();

    answer.end.get(ConnectorWorld.PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(answer.failure).isNull();
    assertThat(answer.text()).endsWith("first last");
    untilClosed();
  }

  @ParameterizedTest
  @EnumSource
  void whatStillRunsAtTheEndIsCutAndDoesNotLookFinished(Protocol protocol) throws Exception {
    var answer = begin(protocol, SHORT);

    close();

    untilClosed();
    answer.end.get(ConnectorWorld.PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(answer.failure).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @EnumSource
  void aSecondCallWaitsForNothing(Protocol protocol) throws Exception {
    var answer = begin(protocol, LONG);
    close();
    untilNothingIsOpened();

    world.edge.close();

    untilClosed();
    answer.end.get(ConnectorWorld.PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(answer.failure).isInstanceOf(IOException.class);
  }

  @Test
  void whoIsInterruptedWaitsForNothing() throws Exception {
    begin(Protocol.HTTP2, LONG);
    close();
    untilNothingIsOpened();

    closing.interrupt();

    untilClosed();
  }

  @Test
  void aGracePeriodHasBounds() {
    var builder = TunnelEdge.builder(Directory.fixed(DirectorySnapshot.empty()));

    assertThatThrownBy(() -> builder.gracePeriod(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.gracePeriod(LONG.plusMillis(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

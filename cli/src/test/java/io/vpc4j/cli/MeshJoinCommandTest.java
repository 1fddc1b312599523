package io.vpc4j.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.config.directory.DirectoryReader;
import io.vpc4j.core.config.directory.Environment;
import io.vpc4j.core.directory.Policy.Action;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.MeshNode;
import io.vpc4j.mesh.PingRefusedException;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A node that the command runs, with the file that {@code mesh add} printed. */
@Timeout(120)
class MeshJoinCommandTest {

  private static final int PATIENCE_SECONDS = 60;
  private static final IpAddress THERE = IpAddress.require("10.0.5.1");
  private static final IpAddress DENIED = IpAddress.require("10.0.5.9");

  @TempDir private Path folder;
  private Cli cli;
  private Cli running;
  private CompletableFuture<Cli.Result> ended;
  private MeshNode near;

  @BeforeEach
  void begin() {
    cli = new Cli(folder);
  }

  @AfterEach
  void end() throws Exception {
    if (running != null) {
      running.stop.ask();
      ended.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      running.close();
    }
    if (near != null) {
      near.close();
    }
    cli.close();
  }

  /** This side as a node, and the file for the other. */
  private Path added() throws Exception {
    cli.with("directory.jsonc", "mesh", "init", "--listen-port", "0");
    var key = Files.readString(folder.resolve(".vpc4j/mesh/private.key")).strip();
    near = MeshNode.builder().privateKey(key).address(FarNode.NEAR).start();
    var added =
        cli.with(
            "directory.jsonc",
            "mesh",
            "add",
            "db-1",
            "--route",
            "10.0.5.0/24",
            "--preshared-key",
            "--our-endpoint",
            "127.0.0.1:" + near.listenPort());
    assertThat(added.exitCode()).as(added.err()).isZero();
    assertThat(added.err()).contains("vpc4j mesh join vpc4j.conf --route 10.0.5.0/24\n");
    var directory = DirectoryReader.read(folder.resolve("directory.jsonc"), Environment.system());
    near.peers(java.util.List.copyOf(directory.snapshot().orElseThrow().nodes().values()));
    return cli.write("vpc4j.conf", added.out());
  }

  /** Runs the command until it says that it runs. */
  private Listening join(Path file, String... options) throws Exception {
    var command = new String[options.length + 3];
    command[0] = "mesh";
    command[1] = "join";
    command[2] = file.toString();
    System.arraycopy(options, 0, command, 3, options.length);
    var out = new Listening("status      http://127.0.0.1:");
    running = new Cli(folder);
    running.stdout = out;
    ended = CompletableFuture.supplyAsync(() -> running.plain(command));
    ended.thenAccept(result -> out.ended(result.err()));
    out.await();
    awaitSession();
    return out;
  }

  /** It calls us: what was sent to it before that is lost, as with any WireGuard. */
  private void awaitSession() {
    var sinceNs = System.nanoTime();
    while (near.status().peers().stream().noneMatch(peer -> peer.session())) {
      assertThat(System.nanoTime() - sinceNs)
          .isLessThan(TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS));
      Thread.onSpinWait();
    }
  }

  /** Says something, and keeps what comes back. */
  private static final class Asking extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<String> answer = new CompletableFuture<>();

    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.writeAndFlush(Unpooled.copiedBuffer("hello", US_ASCII));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var buffer = message instanceof DatagramPacket packet ? packet.content() : (ByteBuf) message;
      answer.complete(buffer.toString(US_ASCII));
      buffer.release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      answer.completeExceptionally(cause);
    }

    String answer() throws Exception {
      return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private static Channel get(Future<Channel> future) throws Exception {
    assertThat(future.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    return future.get();
  }

  private int shouting() throws IOException {
    return cli.server(
        socket -> {
          var heard = new String(socket.getInputStream().readNBytes(5), US_ASCII);
          socket.getOutputStream().write((heard + " by TCP").getBytes(US_ASCII));
        });
  }

  @Test
  void flowsToItsRoutesGoOnAsSockets() throws Exception {
    var out = join(added(), "--route", "10.0.5.0/24=127.0.0.0/24", "--deny", "127.0.0.9");
    assertThat(out.said())
        .contains("node        100.96.0.2\n", "route       10.0.5.0/24, here 127.0.0.0/24\n")
        .containsPattern("peer        \\S{44} at 127\\.0\\.0\\.1:" + near.listenPort() + "\n")
        .contains("denied      127.0.0.9\n", "left out    PostUp, PostDown: nothing here changes");

    assertThat(near.ping(FarNode.FAR, Duration.ofSeconds(PATIENCE_SECONDS)).get()).isPositive();
    var tcp = new Asking();
    get(near.connect(THERE, shouting(), tcp));
    assertThat(tcp.answer()).isEqualTo("hello by TCP");

    try (var echo = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      var answering =
          CompletableFuture.runAsync(
              () -> {
                try {
                  var packet = new java.net.DatagramPacket(new byte[100], 100);
                  echo.receive(packet);
                  echo.send(packet);
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      var udp = new Asking();
      get(near.connectDatagrams(THERE, echo.getLocalPort(), udp));
      assertThat(udp.answer()).isEqualTo("hello");
      answering.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    assertThat(near.ping(THERE, Duration.ofSeconds(PATIENCE_SECONDS)).get()).isPositive();
    assertThatThrownBy(() -> near.ping("", DENIED, 8, Duration.ofSeconds(PATIENCE_SECONDS)).get())
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(PingRefusedException.class);
    assertThatThrownBy(() -> get(near.connect(DENIED, 80, new Asking())))
        .hasCauseInstanceOf(NoRouteToHostException.class);
  }

  @Test
  void withAnAllowNothingElseIsReached() throws Exception {
    var port = shouting();
    join(added(), "--route", "10.0.5.0/24=127.0.0.0/24", "--allow", "127.0.0.1:" + port);

    var tcp = new Asking();
    get(near.connect(THERE, port, tcp));
    assertThat(tcp.answer()).isEqualTo("hello by TCP");
    assertThatThrownBy(() -> get(near.connect(THERE, shouting(), new Asking())))
        .hasCauseInstanceOf(NoRouteToHostException.class);
  }

  @Test
  void itSaysHowItStandsAndEndsInOrder() throws Exception {
    var out = join(added(), "--route", "10.0.5.0/24=127.0.0.0/24");
    near.ping(FarNode.FAR, Duration.ofSeconds(PATIENCE_SECONDS)).get();
    var ops = out.said().replaceAll("(?s).*status +(\\S+)/status.*", "$1");

    var status = cli.plain("status", "--ops", ops);
    assertThat(status.exitCode()).as(status.err()).isZero();
    assertThat(status.out())
        .contains("mesh: mesh node with 1 peer")
        .containsPattern("peer-1 +active");
    running.stop.ask();

    var result = ended.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(result.exitCode()).isZero();
    assertThat(result.err()).endsWith("vpc4j: ending\n");
    assertThat(cli.plain("status", "--ops", ops).exitCode()).isEqualTo(7);
  }

  @Test
  void whatIsNoFileOfANodeIsRefused() throws Exception {
    assertThat(cli.plain("mesh", "join", folder.resolve("none.conf").toString()).exitCode())
        .isEqualTo(26);
    var bad = cli.write("bad.conf", "[Interface]\nPrivateKey = secret\n");
    var refused = cli.plain("mesh", "join", bad.toString());
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("line 2").doesNotContain("secret");
    var bare =
        cli.write(
            "bare.conf",
            "[Interface]\nPrivateKey = hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=\n");
    assertThat(cli.plain("mesh", "join", bare.toString()).err()).contains("needs an address");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--route=nonsense",
        "--route=10.0.5.0/24=10.0.0.0/16",
        "--allow=nonsense",
        "--allow=10.0.5.1:70000",
        "--deny=10.0.5.1:9-8"
      })
  void badRulesAreBadUse(String option) throws Exception {
    assertThat(cli.plain("mesh", "join", added().toString(), option).exitCode()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.5.42, 10.0.5.42/32, []",
    "10.0.5.0/24, 10.0.5.0/24, []",
    "10.0.5.42:5432, 10.0.5.42/32, [5432]",
    "10.0.5.0/24:8000-8999, 10.0.5.0/24, [8000-8999]",
    "fd00::/64, fd00::/64, []",
    "fd00::1, fd00::1/128, []",
    "[fd00::1], fd00::1/128, []",
    "[fd00::/64]:80, fd00::/64, [80]"
  })
  void aRuleIsAPrefixAndPerhapsAPort(String text, String subject, String ports) throws Exception {
    var rule = JoinRule.parse(Action.ALLOW, text);

    assertThat(rule.subject()).hasToString(subject);
    assertThat(rule.ports()).hasToString(ports);
  }

  @Test
  void aHubAndRecordingsAreSaidAndTheFilesAreTheirOwnersAlone() throws Exception {
    var pcap = folder.resolve("inside.pcap");
    var keys = folder.resolve("keys");

    var out =
        join(added(), "--hub-deny", "10.0.9.0/24", "--pcap", pcap + "", "--key-log", keys + "");

    assertThat(out.said())
        .contains("hub         all peers, not 10.0.9.0/24\n")
        .contains("packets     " + pcap + ", a secret\n", "keys        " + keys + ", a secret\n");
    for (var file : java.util.List.of(pcap, keys)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
    var wrong = cli.plain("mesh", "join", folder + "/vpc4j.conf", "--hub-allow", "10.0.0.0/8:80");
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err()).contains("A hub looks at the addresses of packets");
  }
}

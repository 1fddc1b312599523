package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.ConnectOptions;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.testkit.FreePort;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code connect}, {@code openChannel} and {@code socketFactory}, over every transport. */
@Timeout(120)
class ConnectTest {

  @TempDir Path folder;
  private final Servers servers = new Servers();

  @AfterEach
  void stop() throws IOException {
    servers.close();
  }

  @ParameterizedTest
  @EnumSource
  void octetsGoBothWays(Over over) throws Exception {
    var port = servers.start(Servers::echo);
    try (var world = over.open(folder, port);
        var socket = world.network().connect(world.host() + ":" + port)) {
      var sent = new byte[1_000_000];
      new Random(11).nextBytes(sent);
      var writer = inBackground(() -> socket.getOutputStream().write(sent));

      assertThat(socket.getInputStream().readNBytes(sent.length)).isEqualTo(sent);
      writer.get(30, TimeUnit.SECONDS);
      assertThat(socket.getPort()).isEqualTo(port);
      assertThat(((InetSocketAddress) socket.getRemoteSocketAddress()).getHostString())
          .isEqualTo(world.host());
      assertThat(socket.getInetAddress()).as("what the far end resolved it to").isNotNull();
    }
  }

  @ParameterizedTest
  @EnumSource
  void theOutputEndsBeforeTheInputWhereThereIsSuchAThing(Over over) throws Exception {
    var port =
        servers.start(
            socket -> {
              var asked = socket.getInputStream().readAllBytes();
              socket.getOutputStream().write(("got " + asked.length).getBytes(UTF_8));
            });
    try (var world = over.open(folder, port);
        var socket = world.network().connect(world.host(), port)) {
      socket.getOutputStream().write(new byte[10]);
      assertThat(socket.canHalfClose()).isEqualTo(over.halfClose);
      if (over.halfClose) {
        socket.shutdownOutput();
        assertThat(socket.getInputStream().readAllBytes()).asString(UTF_8).isEqualTo("got 10");
      } else {
        assertThatThrownBy(socket::shutdownOutput)
            .isInstanceOf(SocketException.class)
            .hasMessageContaining("half-close");
        assertThat(socket.isOutputShutdown()).isFalse();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aReadHasItsTimeOutAndGoesOn(Over over) throws Exception {
    var say = new CompletableFuture<Void>();
    var port =
        servers.start(
            socket -> {
              say.get(30, TimeUnit.SECONDS);
              socket.getOutputStream().write("late".getBytes(UTF_8));
              socket.getInputStream().read();
            });
    try (var world = over.open(folder, port);
        var socket = world.network().connect(world.host(), port)) {
      socket.setSoTimeout(30);
      assertThatThrownBy(() -> socket.getInputStream().read())
          .isInstanceOf(SocketTimeoutException.class);
      socket.setSoTimeout(30_000);
      say.complete(null);
      assertThat(socket.getInputStream().readNBytes(4)).asString(UTF_8).isEqualTo("late");
    }
  }

  @ParameterizedTest
  @EnumSource
  void theFarEndsCloseIsAnEnd(Over over) throws Exception {
    var port = servers.start(socket -> socket.getOutputStream().write("bye".getBytes(UTF_8)));
    try (var world = over.open(folder, port);
        var socket = world.network().connect(world.host(), port)) {
      assertThat(socket.getInputStream().readAllBytes()).asString(UTF_8).isEqualTo("bye");
    }
  }

  @ParameterizedTest
  @EnumSource
  void closingWakesAReader(Over over) throws Exception {
    var port = servers.start(socket -> socket.getInputStream().read());
    try (var world = over.open(folder, port)) {
      var socket = world.network().connect(world.host(), port);
      var in = socket.getInputStream();
      var reader = inBackground(in::read);
      socket.close();

      assertThatThrownBy(() -> reader.get(30, TimeUnit.SECONDS))
          .hasCauseInstanceOf(SocketException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatCannotBeConnectedIsSaidInTheProductsWords(Over over) throws Exception {
    var nobody = FreePort.next();
    try (var world = over.open(folder, nobody)) {
      var network = world.network();
      assertThat(codeOf(() -> network.connect(world.host(), nobody)))
          .isEqualTo(ErrorCode.CONNECTION_REFUSED);
      assertThat(codeOf(() -> network.connect("nobody.internal", nobody)))
          .isIn(ErrorCode.DNS_ERROR, ErrorCode.DESTINATION_NOT_FOUND);
      assertThatThrownBy(() -> network.connect(""))
          .hasMessage(
              "Specified address is empty string, contains unsupported characters or is too long.");
      assertThatThrownBy(() -> network.connect("host"))
          .hasMessage("Specified address is missing port.");
      assertThatThrownBy(() -> network.openChannel(":80"))
          .hasMessage("Specified address is missing hostname.");
      assertThatThrownBy(() -> network.connect("::1:80"))
          .hasMessage("Specified address could not be parsed.");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aChannelIsOpenedReadAndWrittenWithoutWaiting(Over over) throws Exception {
    var port = servers.start(Servers::echo);
    try (var world = over.open(folder, port);
        var channel =
            world.network().openChannel(world.host() + ":" + port).get(30, TimeUnit.SECONDS)) {
      var sent = new byte[300_000];
      new Random(12).nextBytes(sent);
      var from = ByteBuffer.wrap(sent);
      var writer =
          inBackground(
              () -> {
                while (from.hasRemaining()) {
                  channel.write(from).get(30, TimeUnit.SECONDS);
                }
              });
      var into = ByteBuffer.allocate(sent.length);
      while (into.hasRemaining()) {
        assertThat(channel.read(into).get(30, TimeUnit.SECONDS)).isPositive();
      }
      assertThat(into.array()).isEqualTo(sent);
      writer.get(30, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aChannelThatCannotBeOpenedFails(Over over) throws Exception {
    var nobody = FreePort.next();
    try (var world = over.open(folder, nobody)) {
      var opening = world.network().openChannel(world.host(), nobody, ConnectOptions.defaults());
      assertThatThrownBy(() -> opening.get(30, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(VpcException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theFactorysSocketsFailAsPlainOnesDo(Over over) throws Exception {
    var port = servers.start(Servers::echo);
    var nobody = FreePort.next();
    try (var world = over.open(folder, port, nobody)) {
      var factory = world.network().socketFactory();
      try (var socket = factory.createSocket()) {
        socket.setSoTimeout(30_000);
        socket.setTcpNoDelay(true);
        socket.connect(InetSocketAddress.createUnresolved(world.host(), port), 30_000);
        socket.getOutputStream().write('x');
        assertThat(socket.getInputStream().read()).isEqualTo('x');
      }
      try (var socket = factory.createSocket(FarEndNames.unresolved(world.host()), port)) {
        socket.getOutputStream().write('y');
        assertThat(socket.getInputStream().read()).isEqualTo('y');
      }
      assertThatThrownBy(() -> factory.createSocket(world.host(), nobody))
          .isInstanceOf(ConnectException.class)
          .hasCauseInstanceOf(VpcException.class);
      assertThatThrownBy(() -> factory.createSocket("nobody.internal", port))
          .isInstanceOf(UnknownHostException.class)
          .hasCauseInstanceOf(VpcException.class);
      if (over == Over.LOOPBACK || over == Over.MESH) { // a connector would have to try
        assertThatThrownBy(() -> factory.createSocket("10.9.9.9", port))
            .isInstanceOf(NoRouteToHostException.class)
            .hasCauseInstanceOf(VpcException.class);
      }
    }
  }

  /** Thousands of short connections, and what they leave behind: nothing. */
  @ParameterizedTest
  @EnumSource
  void manyShortConnectionsLeaveNothing(Over over) throws Exception {
    var port =
        servers.start(socket -> socket.getOutputStream().write(socket.getInputStream().read()));
    try (var world = over.open(folder, port)) {
      for (var i = 0; i < 300; i++) {
        try (var socket = world.network().connect(world.host(), port)) {
          socket.getOutputStream().write(i);
          assertThat(socket.getInputStream().read()).isEqualTo(i & 0xff);
          assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
      }
      assertThat(servers.accepted.get()).isEqualTo(300);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aConnectHasItsTimeOut(Over over) throws Exception {
    try (var hole = new BlackHole();
        var world = over.open(folder, hole.port())) {
      var options = ConnectOptions.defaults().withTimeout(Duration.ofMillis(400));
      assertThat(codeOf(() -> world.network().connect(world.host(), hole.port(), options)))
          .isEqualTo(ErrorCode.CONNECTION_TIMEOUT);
    }
  }

  private static ErrorCode codeOf(Action action) throws Exception {
    try {
      action.run();
    } catch (VpcException e) {
      assertThat(e).hasMessageContaining(e.code().toString());
      return e.code();
    }
    throw new AssertionError("connected");
  }

  /** Something that may fail. */
  @FunctionalInterface
  interface Action {
    void run() throws Exception;
  }

  private static CompletableFuture<Void> inBackground(Action action) {
    var over = new CompletableFuture<Void>();
    var thread =
        new Thread(
            () -> {
              try {
                action.run();
                over.complete(null);
              } catch (Exception e) {
                over.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return over;
  }
}

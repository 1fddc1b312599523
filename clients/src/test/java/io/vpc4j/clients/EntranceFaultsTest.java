package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.EntranceOptions;
import io.vpc4j.clients.Servers.Script;
import io.vpc4j.testkit.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a client sees when its target fails: through every door and over every transport the same as
 * on a plain socket, which is asked first. What a transport does not have is said.
 */
class EntranceFaultsTest {

  /** What comes at the same moment comes in any order: so each is told several times. */
  private static final int TURNS = 10;

  /** What a client does with its connection; what it saw. */
  @FunctionalInterface
  interface Client {
    String use(Socket socket) throws IOException;
  }

  @TempDir Path folder;
  private final Servers servers = new Servers();

  @AfterEach
  void stop() throws IOException {
    servers.close();
  }

  private void isAsOnAPlainSocket(Over over, Script server, String expected, Client client)
      throws Exception {
    isAsOnAPlainSocket(over, TURNS, server, expected, client);
  }

  private void isAsOnAPlainSocket(
      Over over, int turns, Script server, String expected, Client client) throws Exception {
    var port = servers.start(server);
    try (var plain = new Socket(InetAddress.getLoopbackAddress(), port)) {
      plain.setSoTimeout(20_000);
      assertThat(client.use(plain)).as("on a plain socket").isEqualTo(expected);
    }
    throughEveryDoor(over, turns, port, expected, client);
  }

  private void throughEveryDoor(Over over, int turns, int port, String expected, Client client)
      throws Exception {
    try (var world = over.open(folder, port)) {
      for (var door : Door.values()) {
        var entrance = door.in(world, port, EntranceOptions.defaults());
        for (var turn = 0; turn < turns; turn++) {
          try (var socket = Door.dial(entrance)) {
            door.open(socket, world, port);
            assertThat(client.use(socket))
                .as("through %s, turn %d", door, turn)
                .isEqualTo(expected);
          }
        }
      }
    }
  }

  private static String readAll(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
  }

  @ParameterizedTest
  @EnumSource
  void aServerThatSpeaksFirstAndEndsAtOnceIsHeardWhole(Over over) throws Exception {
    isAsOnAPlainSocket(
        over,
        socket -> socket.getOutputStream().write("welcome".getBytes(US_ASCII)),
        "welcome",
        EntranceFaultsTest::readAll);
  }

  @ParameterizedTest
  @EnumSource
  void aServerThatEndsAtOnceIsAnEnd(Over over) throws Exception {
    isAsOnAPlainSocket(over, socket -> {}, "", EntranceFaultsTest::readAll);
  }

  @ParameterizedTest
  @EnumSource
  void aResetIsAReset(Over over) throws Exception {
    isAsOnAPlainSocket(
        over,
        socket -> {
          socket.getInputStream().read();
          socket.setSoLinger(true, 0);
        },
        "Connection reset",
        socket -> {
          socket.getOutputStream().write('x');
          try {
            return "read " + socket.getInputStream().read();
          } catch (IOException e) {
            return e.getMessage();
          }
        });
  }

  /** Where there is no half-close the server hears no end, and its answer comes all the same. */
  @ParameterizedTest
  @EnumSource
  void aHalfCloseGoesThroughWhereThereIsOne(Over over) throws Exception {
    var words = "said before the end";
    Client client =
        socket -> {
          socket.getOutputStream().write(words.getBytes(US_ASCII));
          socket.shutdownOutput();
          return readAll(socket);
        };
    Script hearsTheEnd =
        socket -> {
          var said = socket.getInputStream().readAllBytes();
          socket.getOutputStream().write(said);
        };
    if (over.halfClose) {
      isAsOnAPlainSocket(over, hearsTheEnd, words, client);
      return;
    }
    var heard = new LinkedBlockingQueue<String>();
    Script hearsNoEnd =
        socket -> {
          var said = socket.getInputStream().readNBytes(words.length());
          socket.setSoTimeout(50);
          try {
            heard.add("read " + socket.getInputStream().read());
          } catch (SocketTimeoutException e) {
            heard.add("no end");
          }
          socket.getOutputStream().write(said);
        };
    throughEveryDoor(over, 1, servers.start(hearsNoEnd), words, client);
    assertThat(heard).hasSize(Door.values().length).containsOnly("no end");
  }

  @ParameterizedTest
  @EnumSource
  void aServerThatIsSilentIsSilence(Over over) throws Exception {
    var end = new CountDownLatch(1);
    try {
      isAsOnAPlainSocket(
          over,
          5,
          socket -> end.await(60, TimeUnit.SECONDS),
          "silence",
          socket -> {
            socket.setSoTimeout(20);
            try {
              return "read " + socket.getInputStream().read();
            } catch (SocketTimeoutException e) {
              return "silence";
            }
          });
    } finally {
      end.countDown();
    }
  }

  /** A tunnel over HTTP/2 has one kind of end alone. */
  @ParameterizedTest
  @EnumSource
  void aClientThatResetsIsAResetForTheServer(Over over) throws Exception {
    var seen = new LinkedBlockingQueue<String>();
    var port =
        servers.start(
            socket -> {
              socket.getOutputStream().write('x');
              try {
                seen.add("read " + socket.getInputStream().read());
              } catch (IOException e) {
                seen.add(String.valueOf(e.getMessage()));
              }
            });
    var expected = over == Over.TUNNEL_HTTP2 ? "read -1" : "Connection reset";
    try (var world = over.open(folder, port)) {
      for (var door : Door.values()) {
        try (var socket = Door.dial(door.in(world, port, EntranceOptions.defaults()))) {
          door.open(socket, world, port);
          assertThat(socket.getInputStream().read()).isEqualTo('x');
          socket.setSoLinger(true, 0);
        }
        assertThat(seen.poll(20, TimeUnit.SECONDS)).as("%s", door).isEqualTo(expected);
      }
    }
  }

  // ---- a target that never answers a dial

  @ParameterizedTest
  @EnumSource
  void aDialThatIsNeverAnsweredEndsInTheWordsOfEachDoor(Over over) throws Exception {
    var options = EntranceOptions.builder().connectTimeout(Duration.ofMillis(200)).build();
    try (var hole = new BlackHole();
        var world = over.open(folder, hole.port())) {
      var entrance = world.vpc().entrance("NET", options);
      var high = (byte) (hole.port() >> 8);
      var low = (byte) hole.port();
      var address = InetAddress.getByName(world.address()).getAddress();
      try (var socket = Door.dial(entrance)) {
        var head = "CONNECT " + world.address() + ":" + hole.port() + " HTTP/1.1\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(US_ASCII));
        assertThat(readAll(socket))
            .startsWith("HTTP/1.1 504")
            .containsIgnoringCase("proxy-status: vpc4j; error=connection_timeout");
      }
      try (var socket = Door.dial(entrance)) {
        socket.getOutputStream().write(new byte[] {5, 1, 0, 5, 1, 0, 1});
        socket.getOutputStream().write(address);
        socket.getOutputStream().write(new byte[] {high, low});
        assertThat(socket.getInputStream().readAllBytes()).startsWith(5, 0, 5, 6); // TTL expired
      }
      try (var socket = Door.dial(entrance)) {
        socket.getOutputStream().write(new byte[] {4, 1, high, low});
        socket.getOutputStream().write(address);
        socket.getOutputStream().write(0);
        assertThat(socket.getInputStream().readAllBytes()).startsWith(0, 91);
      }
    }
  }

  /** On a plain socket the dial itself fails; a forward has accepted before it could know. */
  @ParameterizedTest
  @EnumSource
  void aForwardWhoseDialFailsIsAReset(Over over) throws Exception {
    var nobody = FreePort.next();
    try (var world = over.open(folder, nobody);
        var socket = Door.dial(Door.FORWARD.in(world, nobody, EntranceOptions.defaults()))) {
      assertThatThrownBy(() -> socket.getInputStream().read())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("reset");
    }
  }
}

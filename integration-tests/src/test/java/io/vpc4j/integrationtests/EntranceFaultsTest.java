package io.vpc4j.integrationtests;

import static io.vpc4j.integrationtests.EntranceClient.dial;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.Entrance;
import io.vpc4j.EntranceOptions;
import io.vpc4j.integrationtests.PrivateNet.Script;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a client sees when its target fails: through every door the same as on a plain socket, which
 * is asked first.
 */
class EntranceFaultsTest {

  /** A way from a client to its target. */
  enum Door {
    /** {@code CONNECT} of HTTP. */
    CONNECT {
      @Override
      void open(Socket socket) throws IOException {
        socket.getOutputStream().write("CONNECT 10.0.1.50:80 HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
        if (!PrivateNet.head(socket.getInputStream()).startsWith("HTTP/1.1 200")) {
          throw new EOFException("it is not connected");
        }
      }
    },
    /** SOCKS5 with a name. */
    SOCKS5 {
      @Override
      void open(Socket socket) throws IOException {
        var request = new ByteArrayOutputStream();
        request.writeBytes(new byte[] {5, 1, 0, 5, 1, 0, 3, 13});
        request.writeBytes("host.internal".getBytes(US_ASCII));
        request.writeBytes(new byte[] {0, 80});
        socket.getOutputStream().write(request.toByteArray());
        expect(socket, new byte[] {5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0});
      }
    },
    /** SOCKS4a. */
    SOCKS4A {
      @Override
      void open(Socket socket) throws IOException {
        var request = new ByteArrayOutputStream();
        request.writeBytes(new byte[] {4, 1, 0, 80, 0, 0, 0, 1, 0});
        request.writeBytes("host.internal\0".getBytes(US_ASCII));
        socket.getOutputStream().write(request.toByteArray());
        expect(socket, new byte[] {0, 90, 0, 0, 0, 0, 0, 0});
      }
    },
    /** A port for this target. */
    FORWARD {
      @Override
      void open(Socket socket) {}
    };

    /** Says where to, and hears that it is connected. */
    abstract void open(Socket socket) throws IOException;

    private static void expect(Socket socket, byte[] answer) throws IOException {
      assertThat(socket.getInputStream().readNBytes(answer.length)).isEqualTo(answer);
    }
  }

  /** What a client does with its connection; what it saw. */
  @FunctionalInterface
  interface Client {
    String use(Socket socket) throws IOException;
  }

  @TempDir private Path folder;
  private PrivateNet net;

  @BeforeEach
  void begin() {
    net = new PrivateNet(folder);
  }

  @AfterEach
  void end() throws IOException {
    net.close();
  }

  private Entrance entrance(Door door, int port) throws IOException {
    var vpc = net.open(PrivateNet.oneHost(port)).vpc();
    return door == Door.FORWARD
        ? vpc.forward("NET", "10.0.1.50:80", EntranceOptions.defaults())
        : vpc.entrance("NET", EntranceOptions.defaults());
  }

  /** Several times over: what comes at the same moment comes in any order. */
  private void isAsOnAPlainSocket(Door door, Script server, String expected, Client client)
      throws IOException {
    var port = net.server(server);
    try (var plain = new Socket(InetAddress.getLoopbackAddress(), port)) {
      plain.setSoTimeout(20_000);
      assertThat(client.use(plain)).as("on a plain socket").isEqualTo(expected);
    }
    var entrance = entrance(door, port);
    for (var turn = 0; turn < 25; turn++) {
      try (var socket = dial(entrance)) {
        door.open(socket);
        assertThat(client.use(socket)).as("through %s, turn %d", door, turn).isEqualTo(expected);
      }
    }
  }

  private static String readAll(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
  }

  @ParameterizedTest
  @EnumSource
  void aServerThatSpeaksFirstAndEndsAtOnceIsHeardWhole(Door door) throws Exception {
    isAsOnAPlainSocket(
        door,
        socket -> socket.getOutputStream().write("welcome".getBytes(US_ASCII)),
        "welcome",
        EntranceFaultsTest::readAll);
  }

  @ParameterizedTest
  @EnumSource
  void aServerThatEndsAtOnceIsAnEnd(Door door) throws Exception {
    isAsOnAPlainSocket(door, socket -> {}, "", EntranceFaultsTest::readAll);
  }

  @ParameterizedTest
  @EnumSource
  void aResetIsAReset(Door door) throws Exception {
    isAsOnAPlainSocket(
        door,
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

  @ParameterizedTest
  @EnumSource
  void aHalfCloseGoesThrough(Door door) throws Exception {
    isAsOnAPlainSocket(
        door,
        socket -> {
          var all = socket.getInputStream().readAllBytes();
          socket.getOutputStream().write(all);
        },
        "said before the end",
        socket -> {
          socket.getOutputStream().write("said before the end".getBytes(US_ASCII));
          socket.shutdownOutput();
          return readAll(socket);
        });
  }

  @ParameterizedTest
  @EnumSource
  void aServerThatIsSilentIsSilence(Door door) throws Exception {
    var over = new CountDownLatch(1);
    try {
      isAsOnAPlainSocket(
          door,
          socket -> over.await(60, TimeUnit.SECONDS),
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
      over.countDown();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aClientThatResetsIsAResetForTheServer(Door door) throws Exception {
    var seen = new java.util.concurrent.LinkedBlockingQueue<String>();
    var port =
        net.server(
            socket -> {
              socket.getOutputStream().write('x');
              try {
                seen.add("read " + socket.getInputStream().read());
              } catch (IOException e) {
                seen.add(String.valueOf(e.getMessage()));
              }
            });
    var entrance = entrance(door, port);

    try (var socket = dial(entrance)) {
      door.open(socket);
      assertThat(socket.getInputStream().read()).isEqualTo('x');
      socket.setSoLinger(true, 0);
    }

    assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo("Connection reset");
  }

  // ---- a target that never answers a dial

  private Entrance entranceToABlackHole() throws IOException {
    var directory =
        PrivateNet.directory(
            "\"ports\": {\"80\": 1}, \"faults\": {\"connect\": \"black_hole\"}", "");
    return net.open(directory)
        .vpc()
        .entrance("NET", EntranceOptions.builder().connectTimeout(Duration.ofMillis(200)).build());
  }

  @Test
  void aDialThatIsNeverAnsweredEndsInTheWordsOfEachDoor() throws Exception {
    var entrance = entranceToABlackHole();

    assertThat(EntranceClient.exchange(entrance, "CONNECT 10.0.1.50:80 HTTP/1.1\r\n\r\n"))
        .startsWith("HTTP/1.1 504")
        .containsIgnoringCase("proxy-status: vpc4j; error=connection_timeout");
    try (var socket = dial(entrance)) {
      socket.getOutputStream().write(new byte[] {5, 1, 0, 5, 1, 0, 1, 10, 0, 1, 50, 0, 80});
      assertThat(socket.getInputStream().readAllBytes()).startsWith(5, 0, 5, 6); // TTL expired
    }
    try (var socket = dial(entrance)) {
      socket.getOutputStream().write(new byte[] {4, 1, 0, 80, 10, 0, 1, 50, 0});
      assertThat(socket.getInputStream().readAllBytes()).startsWith(0, 91);
    }
  }

  /** On a plain socket the dial itself fails; a forward has accepted before it could know. */
  @Test
  void aForwardWhoseDialFailsIsAReset() throws Exception {
    var entrance = entrance(Door.FORWARD, net.closedPort());

    try (var socket = dial(entrance)) {
      assertThatThrownBy(() -> socket.getInputStream().read())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("reset");
    }
  }
}

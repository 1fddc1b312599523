package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.testkit.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousByteChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a program sees of a far end that fails, through sockets, channels and the HTTP client, and
 * over every transport: what it sees of the same far end through the JDK's own, which are asked
 * first. For entrances see {@link EntranceFaultsTest}.
 */
@Timeout(120)
class ClientFaultsTest {

  /** What comes at the same moment comes in any order: so each is told several times. */
  private static final int TURNS = 5;

  /** For what must come. */
  private static final Duration LONG = Duration.ofSeconds(20);

  /** For what must not come. */
  private static final Duration SHORT = Duration.ofMillis(200);

  private static final String SILENT = "is silent";
  private static final String NOT_THERE = "is not there";
  private static final String NEVER_ANSWERS = "never answers a dial";

  @TempDir Path folder;
  private final Servers servers = new Servers();
  private final CountDownLatch over = new CountDownLatch(1);
  private final Map<String, Integer> ports = new LinkedHashMap<>();
  private BlackHole hole;

  @BeforeEach
  void start() throws IOException {
    hole = new BlackHole();
    ports.put(
        "resets",
        servers.start(
            socket -> {
              Door.head(socket.getInputStream());
              socket.setSoLinger(true, 0);
            }));
    ports.put("ends", servers.start(socket -> Door.head(socket.getInputStream())));
    ports.put(
        "ends early",
        servers.start(
            socket -> {
              Door.head(socket.getInputStream());
              var some = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome";
              socket.getOutputStream().write(some.getBytes(UTF_8));
            }));
    ports.put(SILENT, servers.start(socket -> over.await(60, TimeUnit.SECONDS)));
    ports.put(NOT_THERE, FreePort.next());
    ports.put(NEVER_ANSWERS, hole.port());
  }

  @AfterEach
  void stop() throws IOException {
    over.countDown();
    servers.close();
    hole.close();
  }

  @ParameterizedTest
  @EnumSource
  void everyClientSeesWhatTheJdksSees(Over over) throws Exception {
    try (var world = over.open(folder, ports.values().stream().mapToInt(p -> p).toArray())) {
      socketsOfTheFactory(world);
      theHttpClient(world);
      ports.remove(NOT_THERE); // connect and openChannel fail in words of their own
      ports.remove(NEVER_ANSWERS);
      connectedSockets(world);
      ports.remove(SILENT); // a read of a channel has no time-out
      channels(world);
    }
  }

  /** Each far end is met by the JDK's own and then, several times, by ours. */
  private void isAsWithoutUs(String client, Meeting theirs, Meeting ours) {
    for (var farEnd : ports.entrySet()) {
      var port = farEnd.getValue();
      var waits = farEnd.getKey().equals(SILENT) || farEnd.getKey().equals(NEVER_ANSWERS);
      var patience = waits ? SHORT : LONG;
      var expected = seen(theirs, port, patience);
      for (var turn = 0; turn < (waits ? 1 : TURNS); turn++) {
        assertThat(seen(ours, port, patience))
            .as("%s and a far end that %s, turn %d", client, farEnd.getKey(), turn)
            .isEqualTo(expected);
      }
    }
  }

  /** A program meets the far end at a port. */
  @FunctionalInterface
  interface Meeting {
    String at(int port, Duration patience) throws Exception;
  }

  private static String seen(Meeting meeting, int port, Duration patience) {
    try {
      return meeting.at(port, patience);
    } catch (ExecutionException e) { // of a channel, whose class the JDK does not settle
      return e.getCause() instanceof IOException ? "threw an IOException" : "threw " + e;
    } catch (Exception e) {
      return "threw " + e.getClass().getName();
    }
  }

  // ---- sockets

  private void socketsOfTheFactory(PrivateWorld world) {
    var factory = world.network().socketFactory();
    isAsWithoutUs(
        "a socket of the factory",
        (port, patience) ->
            asked(SocketFactory.getDefault(), InetAddress.getLoopbackAddress(), port, patience),
        (port, patience) -> asked(factory, FarEndNames.unresolved(world.host()), port, patience));
  }

  private static String asked(SocketFactory factory, InetAddress host, int port, Duration patience)
      throws IOException {
    try (var socket = factory.createSocket()) {
      socket.connect(new InetSocketAddress(host, port), (int) patience.toMillis());
      return asked(socket, patience);
    }
  }

  private static String asked(Socket socket, Duration patience) throws IOException {
    socket.setSoTimeout((int) patience.toMillis());
    socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(UTF_8));
    return new String(socket.getInputStream().readAllBytes(), UTF_8);
  }

  private void connectedSockets(PrivateWorld world) {
    isAsWithoutUs(
        "a connected socket",
        (port, patience) -> {
          try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return asked(socket, patience);
          }
        },
        (port, patience) -> {
          try (var socket = world.network().connect(world.host(), port)) {
            return asked(socket, patience);
          }
        });
  }

  // ---- channels

  private void channels(PrivateWorld world) {
    isAsWithoutUs(
        "a channel",
        (port, patience) -> {
          try (var channel = AsynchronousSocketChannel.open()) {
            var to = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            channel.connect(to).get(20, TimeUnit.SECONDS);
            return asked(channel);
          }
        },
        (port, patience) -> {
          var opening = world.network().openChannel(world.host() + ":" + port);
          try (var channel = opening.get(20, TimeUnit.SECONDS)) {
            return asked(channel);
          }
        });
  }

  private static String asked(AsynchronousByteChannel channel) throws Exception {
    channel.write(UTF_8.encode("GET / HTTP/1.1\r\n\r\n")).get(20, TimeUnit.SECONDS);
    var into = ByteBuffer.allocate(1_000);
    while (channel.read(into).get(20, TimeUnit.SECONDS) >= 0) {
      // until the end
    }
    return new String(into.array(), 0, into.position(), UTF_8);
  }

  // ---- the HTTP client

  private void theHttpClient(PrivateWorld world) {
    isAsWithoutUs(
        "the HTTP client",
        (port, patience) -> asked(HttpClient.newBuilder(), "127.0.0.1", port, patience),
        (port, patience) ->
            asked(world.network().httpClientBuilder(), world.host(), port, patience));
  }

  private String asked(HttpClient.Builder builder, String host, int port, Duration patience)
      throws Exception {
    var silent = port == ports.get(SILENT);
    var client = builder.connectTimeout(silent ? LONG : patience).build();
    var request =
        HttpRequest.newBuilder(URI.create("http://" + host + ":" + port + "/"))
            .timeout(silent ? patience : LONG)
            .build();
    try {
      return client.send(request, BodyHandlers.ofString()).body();
    } catch (HttpConnectTimeoutException e) {
      if (silent) { // a slow machine may not even be connected by then
        throw new HttpTimeoutException(e.getMessage());
      }
      throw e;
    }
  }
}

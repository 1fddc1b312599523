package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Everything of a binding that blocks, on virtual threads: the JVM's own recorder tells of each
 * that held its carrier while it waited, and there is none.
 */
@Timeout(120)
class PinningTest {

  private static final int THREADS = 40;

  /** So many are there the first time: classes are initialised, which pins whoever waits for it. */
  private static final int WARMING = 10;

  @TempDir Path folder;

  @BeforeEach
  void needsARecentJdk() {
    assumeTrue(
        Runtime.version().feature() >= 24,
        "NOT RUN: before JDK 24 whoever waits within synchronized is pinned, in the JDK as well");
  }

  /** The proof that the recorder would have told. */
  @Test
  void aThreadThatIsPinnedIsSeen() throws Exception {
    var pinned =
        recorded(
            () -> {
              try (var threads = new Closing(virtualThreads())) {
                threads.executor().submit(PinningTest::initialise).get(20, TimeUnit.SECONDS);
              }
            });

    assertThat(pinned).isNotEmpty();
  }

  /** Waits while its class is initialised, with a frame of the JVM's own beneath. */
  private static final class Pinned {
    static {
      LockSupport.parkNanos(50_000_000);
    }
  }

  /** Anew each time: in a loader that has only this class. */
  private static Class<?> initialise() throws ClassNotFoundException {
    return Class.forName(Pinned.class.getName(), true, new Loader());
  }

  private static final class Loader extends ClassLoader {
    Loader() {
      super(null);
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      try (var in = PinningTest.class.getResourceAsStream("PinningTest$Pinned.class")) {
        var octets = in.readAllBytes();
        return defineClass(name, octets, 0, octets.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingPins(Over over) throws Exception {
    try (var servers = new Servers();
        var http = new CaseServer()) {
      var echo = servers.start(Servers::echo);
      try (var world = over.open(folder, http.port(), echo)) {
        useEverything(world, http.port(), echo, WARMING);

        var pinned = recorded(() -> useEverything(world, http.port(), echo, THREADS));

        assertThat(pinned).isEmpty();
      }
    }
  }

  private static void useEverything(PrivateWorld world, int http, int echo, int times)
      throws Exception {
    var base = "http://" + world.host() + ":" + http;
    var client = world.network().httpClient();
    try (var threads = new Closing(virtualThreads())) {
      var all = new ArrayList<Future<?>>();
      for (var i = 0; i < times; i++) {
        all.add(threads.executor().submit(() -> fetch(world, base)));
        all.add(
            threads
                .executor()
                .submit(
                    () -> {
                      var request = HttpRequest.newBuilder(URI.create(base + "/lines")).build();
                      var answer = client.send(request, BodyHandlers.ofString());
                      assertThat(answer.body()).startsWith("one");
                      return null;
                    }));
        all.add(threads.executor().submit(() -> talk(world, echo)));
      }
      for (var each : all) {
        each.get(90, TimeUnit.SECONDS);
      }
    }
  }

  private static Void fetch(PrivateWorld world, String base) throws Exception {
    try (var response = world.network().fetch(base + "/lines");
        var body = response.inputStream()) {
      assertThat(body.readAllBytes()).asString(UTF_8).startsWith("one");
    }
    return null;
  }

  private static Void talk(PrivateWorld world, int echo) throws Exception {
    try (var socket = world.network().socketFactory().createSocket()) {
      socket.connect(InetSocketAddress.createUnresolved(world.host(), echo), 60_000);
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write("hello".getBytes(UTF_8));
      assertThat(socket.getInputStream().readNBytes(5)).asString(UTF_8).isEqualTo("hello");
    }
    var opening = world.network().openChannel(world.host() + ":" + echo);
    try (var channel = opening.get(60, TimeUnit.SECONDS)) {
      channel.write(UTF_8.encode("x")).get(60, TimeUnit.SECONDS);
      assertThat(channel.read(ByteBuffer.allocate(1)).get(60, TimeUnit.SECONDS)).isEqualTo(1);
    }
    return null;
  }

  // ---- the recorder

  @FunctionalInterface
  private interface Work {
    void run() throws Exception;
  }

  private List<RecordedEvent> recorded(Work work) throws Exception {
    var file = folder.resolve("pinned.jfr");
    try (var recording = new Recording()) {
      recording.enable("jdk.VirtualThreadPinned").withThreshold(Duration.ZERO).withStackTrace();
      recording.start();
      work.run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file);
  }

  private record Closing(ExecutorService executor) implements AutoCloseable {
    @Override
    public void close() {
      executor.shutdownNow();
    }
  }

  private static ExecutorService virtualThreads() throws ReflectiveOperationException {
    return (ExecutorService)
        Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
  }
}

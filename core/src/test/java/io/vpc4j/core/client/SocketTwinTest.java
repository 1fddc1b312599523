package io.vpc4j.core.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.EventLoops;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The JDK's socket is the oracle: each story is told to a plain socket and to ours, and what the
 * program sees must be the same, results and classes of exceptions alike.
 */
@Timeout(60)
class SocketTwinTest {

  /** A program that uses a socket, and notes what it sees. */
  @FunctionalInterface
  interface Story {
    void play(SocketPair pair, Notes notes) throws Exception;
  }

  /** What a program saw, in order. */
  static final class Notes {
    private final StringJoiner seen = new StringJoiner("; ");

    /** Notes what the call gives, or the class of what it throws. */
    void note(String what, Call call) {
      try {
        seen.add(what + " = " + call.call());
      } catch (Exception e) {
        seen.add(what + " ! " + e.getClass().getSimpleName());
      }
    }

    void run(String what, Action action) {
      note(
          what,
          () -> {
            action.run();
            return "done";
          });
    }

    @Override
    public String toString() {
      return seen.toString();
    }
  }

  @FunctionalInterface
  interface Call {
    Object call() throws Exception;
  }

  @FunctionalInterface
  interface Action {
    void run() throws Exception;
  }

  private static EventLoops loops;

  @BeforeAll
  static void start() {
    loops = EventLoops.open(EventLoops.Io.NIO, 1);
  }

  @AfterAll
  static void stop() {
    loops.close();
  }

  static Iterable<String> stories() {
    return STORIES.keySet();
  }

  @ParameterizedTest
  @MethodSource("stories")
  void theProgramSeesTheSame(String story) throws Exception {
    assertThat(told(SocketPair.Kind.OURS, story)).isEqualTo(told(SocketPair.Kind.PLAIN, story));
  }

  private static String told(SocketPair.Kind kind, String story) throws Exception {
    var notes = new Notes();
    try (var pair = new SocketPair(kind, loops)) {
      STORIES.get(story).play(pair, notes);
    }
    assertThat(notes.toString()).as("a story in which nothing is seen shows nothing").isNotEmpty();
    return notes.toString();
  }

  @ParameterizedTest
  @MethodSource("beginnings")
  void anUnconnectedSocketIsTheSame(String story) throws Exception {
    assertThat(begun(SocketPair.Kind.OURS, story)).isEqualTo(begun(SocketPair.Kind.PLAIN, story));
  }

  static Iterable<String> beginnings() {
    return BEGINNINGS.keySet();
  }

  private static String begun(SocketPair.Kind kind, String story) throws Exception {
    var notes = new Notes();
    try (var socket = kind.unconnected(loops)) {
      BEGINNINGS.get(story).begin(socket, notes);
    }
    return notes.toString();
  }

  /** A program that is given a socket before it is connected. */
  @FunctionalInterface
  interface Beginning {
    void begin(Socket socket, Notes notes) throws Exception;
  }

  // ---- the stories

  private static final Map<String, Story> STORIES = new LinkedHashMap<>();
  private static final Map<String, Beginning> BEGINNINGS = new LinkedHashMap<>();

  static {
    STORIES.put("octets both ways", SocketTwinTest::octetsBothWays);
    STORIES.put("the peer ends its output", SocketTwinTest::thePeerEnds);
    STORIES.put("reads in pieces", SocketTwinTest::readsInPieces);
    STORIES.put("bad arguments", SocketTwinTest::badArguments);
    STORIES.put("a read past its time-out", SocketTwinTest::aTimeOut);
    STORIES.put("available", SocketTwinTest::available);
    STORIES.put("half-close", SocketTwinTest::halfClose);
    STORIES.put("input given up", SocketTwinTest::inputGivenUp);
    STORIES.put("everything after close", SocketTwinTest::afterClose);
    STORIES.put("closing the input closes the socket", SocketTwinTest::closingTheInput);
    STORIES.put("closing the output closes the socket", SocketTwinTest::closingTheOutput);
    STORIES.put("close wakes a reader", SocketTwinTest::closeWakesAReader);
    STORIES.put("close wakes a writer", SocketTwinTest::closeWakesAWriter);
    STORIES.put("a reset", SocketTwinTest::aReset);
    STORIES.put("an interrupt", SocketTwinTest::anInterrupt);
    if (Runtime.version().feature() >= 21) {
      STORIES.put("an interrupt of a virtual thread", SocketTwinTest::aVirtualInterrupt);
    }
    STORIES.put("facts", SocketTwinTest::facts);
    STORIES.put("options", SocketTwinTest::options);
    STORIES.put("connecting again", SocketTwinTest::connectingAgain);
    STORIES.put("two writers", SocketTwinTest::twoWriters);

    BEGINNINGS.put("nothing is there yet", SocketTwinTest::unconnected);
    BEGINNINGS.put("nobody listens", SocketTwinTest::nobodyListens);
    BEGINNINGS.put("bad addresses", SocketTwinTest::badAddresses);
    BEGINNINGS.put("closed before it connects", SocketTwinTest::closedEarly);
    BEGINNINGS.put("options before it connects", SocketTwinTest::earlyOptions);
  }

  private static void octetsBothWays(SocketPair pair, Notes notes) throws Exception {
    pair.socket.getOutputStream().write("ping".getBytes(UTF_8));
    notes.note("peer", () -> new String(pair.peer.getInputStream().readNBytes(4), UTF_8));
    pair.peer.getOutputStream().write("pong".getBytes(UTF_8));
    notes.note("socket", () -> new String(pair.socket.getInputStream().readNBytes(4), UTF_8));
  }

  private static void thePeerEnds(SocketPair pair, Notes notes) throws Exception {
    pair.peer.getOutputStream().write("bye\u00ff".getBytes(UTF_8));
    pair.peer.shutdownOutput();
    var in = pair.socket.getInputStream();
    notes.note("all", () -> in.readAllBytes().length);
    notes.note("again", in::read);
    notes.note("again", () -> in.read(new byte[4]));
    notes.note("available", in::available);
    notes.note("input shut down", pair.socket::isInputShutdown);
    notes.run("write", () -> pair.socket.getOutputStream().write(1));
    notes.note("peer", () -> pair.peer.getInputStream().read());
  }

  private static void readsInPieces(SocketPair pair, Notes notes) throws Exception {
    pair.peer.getOutputStream().write(new byte[] {1, 2, 3, (byte) 0xfe, 5, 6});
    var in = pair.socket.getInputStream();
    notes.note("1", in::read);
    notes.note("2", () -> in.skip(2));
    notes.note("3", in::read);
    notes.note("4", () -> in.readNBytes(2)[1]);
    notes.note("nothing", () -> in.read(new byte[3], 1, 0));
  }

  private static void badArguments(SocketPair pair, Notes notes) throws Exception {
    var in = pair.socket.getInputStream();
    var out = pair.socket.getOutputStream();
    notes.note("read null", () -> in.read(null));
    notes.note("read beyond", () -> in.read(new byte[4], 2, 3));
    notes.note("read before", () -> in.read(new byte[4], -1, 3));
    notes.run("write null", () -> out.write(null));
    notes.run("write beyond", () -> out.write(new byte[4], 2, 3));
    notes.run("write before", () -> out.write(new byte[4], 0, -1));
    notes.run("write nothing", () -> out.write(new byte[4], 4, 0));
    notes.run("time-out", () -> pair.socket.setSoTimeout(-1));
  }

  private static void aTimeOut(SocketPair pair, Notes notes) throws Exception {
    pair.socket.setSoTimeout(20);
    var in = pair.socket.getInputStream();
    notes.note("late", in::read);
    notes.note("late again", () -> in.read(new byte[10]));
    notes.note("closed", pair.socket::isClosed);
    pair.socket.setSoTimeout(20_000);
    pair.peer.getOutputStream().write("xy".getBytes(UTF_8));
    notes.note("then", in::read);
    pair.socket.setSoTimeout(0);
    notes.note("then", in::read);
    notes.note("time-out", pair.socket::getSoTimeout);
  }

  private static void available(SocketPair pair, Notes notes) throws Exception {
    var in = pair.socket.getInputStream();
    notes.note("before", in::available);
    pair.peer.getOutputStream().write("12345".getBytes(UTF_8));
    notes.note("first", in::read);
    untilAvailable(in, 4);
    notes.note("left", in::available);
    notes.note("rest", () -> in.readNBytes(4).length);
    notes.note("after", in::available);
  }

  private static void untilAvailable(InputStream in, int octets) throws IOException {
    var endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (in.available() < octets) {
      assertThat(System.nanoTime() - endNs).as("in time").isNegative();
      LockSupport.parkNanos(100_000);
    }
  }

  private static void halfClose(SocketPair pair, Notes notes) throws Exception {
    var out = pair.socket.getOutputStream();
    out.write('a');
    notes.run("end", pair.socket::shutdownOutput);
    notes.note("peer", () -> new String(pair.peer.getInputStream().readAllBytes(), UTF_8));
    notes.note("shut down", pair.socket::isOutputShutdown);
    notes.note("closed", pair.socket::isClosed);
    notes.note("get", pair.socket::getOutputStream);
    notes.run("write", () -> out.write(1));
    notes.run("end again", pair.socket::shutdownOutput);
    pair.peer.getOutputStream().write("late".getBytes(UTF_8));
    pair.peer.shutdownOutput();
    notes.note("read", () -> new String(pair.socket.getInputStream().readAllBytes(), UTF_8));
  }

  private static void inputGivenUp(SocketPair pair, Notes notes) throws Exception {
    var in = pair.socket.getInputStream();
    notes.run("give up", pair.socket::shutdownInput);
    notes.note("shut down", pair.socket::isInputShutdown);
    notes.note("read", in::read);
    notes.note("available", in::available);
    notes.note("get", pair.socket::getInputStream);
    notes.run("again", pair.socket::shutdownInput);
    notes.run("write", () -> pair.socket.getOutputStream().write('x'));
    notes.note("peer", () -> pair.peer.getInputStream().read());
  }

  private static void afterClose(SocketPair pair, Notes notes) throws Exception {
    var socket = pair.socket;
    var in = socket.getInputStream();
    var out = socket.getOutputStream();
    socket.close();
    notes.run("close again", socket::close);
    notes.note("closed", socket::isClosed);
    notes.note("connected", socket::isConnected);
    notes.note("bound", socket::isBound);
    notes.note("read", in::read);
    notes.note("available", in::available);
    notes.run("write", () -> out.write(1));
    notes.note("input", socket::getInputStream);
    notes.note("output", socket::getOutputStream);
    notes.run("end input", socket::shutdownInput);
    notes.run("end output", socket::shutdownOutput);
    notes.run("set time-out", () -> socket.setSoTimeout(1));
    notes.note("time-out", socket::getSoTimeout);
    notes.note("no delay", socket::getTcpNoDelay);
    notes.run("set no delay", () -> socket.setTcpNoDelay(true));
    notes.note("keep alive", socket::getKeepAlive);
    notes.note("linger", socket::getSoLinger);
    notes.note("buffer", socket::getSendBufferSize);
    notes.run("set buffer", () -> socket.setReceiveBufferSize(10_000));
    notes.run("connect", () -> socket.connect(pair.address));
    notes.run("bind", () -> socket.bind(null));
    notes.note("port", () -> socket.getPort() == pair.address.getPort());
    notes.note("peer", () -> pair.peer.getInputStream().read());
  }

  private static void closingTheInput(SocketPair pair, Notes notes) throws Exception {
    pair.socket.getInputStream().close();
    notes.note("closed", pair.socket::isClosed);
    notes.note("peer", () -> pair.peer.getInputStream().read());
  }

  private static void closingTheOutput(SocketPair pair, Notes notes) throws Exception {
    pair.socket.getOutputStream().write('x');
    pair.socket.getOutputStream().close();
    notes.note("closed", pair.socket::isClosed);
    notes.note("peer", () -> pair.peer.getInputStream().readAllBytes().length);
  }

  private static void closeWakesAReader(SocketPair pair, Notes notes) throws Exception {
    var in = pair.socket.getInputStream();
    var reader = inBackground(notes, "read", in::read);
    pair.socket.close();
    reader.get(20, TimeUnit.SECONDS);
  }

  private static void closeWakesAWriter(SocketPair pair, Notes notes) throws Exception {
    var out = pair.socket.getOutputStream();
    var writer =
        inBackground(
            notes,
            "write",
            () -> {
              var octets = new byte[1_000_000];
              for (var i = 0; i < 100; i++) { // more than any buffer takes, and nobody reads
                out.write(octets);
              }
              return "all";
            });
    pair.socket.close();
    writer.get(20, TimeUnit.SECONDS);
  }

  /** Runs {@code call} on another thread, and returns once that thread waits in it. */
  private static CompletableFuture<Void> inBackground(Notes notes, String what, Call call)
      throws Exception {
    var over = new CompletableFuture<Void>();
    var thread =
        new Thread(
            () -> {
              notes.note(what, call);
              over.complete(null);
            });
    thread.setDaemon(true);
    thread.start();
    untilWaiting(thread);
    return over;
  }

  /** A thread in a system call counts as runnable: it is known by the method it is in. */
  private static void untilWaiting(Thread thread) {
    var endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!isWaiting(thread)) {
      assertThat(System.nanoTime() - endNs).as("in time").isNegative();
      LockSupport.parkNanos(100_000);
    }
  }

  private static boolean isWaiting(Thread thread) {
    var stack = thread.getStackTrace();
    return stack.length > 0
        && Set.of("poll", "park", "read0", "write0").contains(stack[0].getMethodName());
  }

  private static void aReset(SocketPair pair, Notes notes) throws Exception {
    pair.peer.setSoLinger(true, 0);
    pair.peer.close();
    notes.note("read", () -> pair.socket.getInputStream().read());
    notes.run(
        "write",
        () -> {
          for (var i = 0; i < 1_000; i++) {
            pair.socket.getOutputStream().write(new byte[10_000]);
          }
        });
    notes.note("closed", pair.socket::isClosed);
  }

  private static void anInterrupt(SocketPair pair, Notes notes) throws Exception {
    var flag = new CompletableFuture<Boolean>();
    var thread =
        new Thread(
            () -> {
              notes.note("read", () -> pair.socket.getInputStream().read());
              flag.complete(Thread.currentThread().isInterrupted());
            });
    thread.setDaemon(true);
    thread.start();
    untilWaiting(thread);
    thread.interrupt();
    pair.peer.getOutputStream().write('x');
    notes.note("flag", () -> flag.get(20, TimeUnit.SECONDS));
    notes.note("closed", pair.socket::isClosed);
  }

  private static void aVirtualInterrupt(SocketPair pair, Notes notes) throws Exception {
    var threads =
        (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    try {
      var flag = new CompletableFuture<Boolean>();
      var thread = new CompletableFuture<Thread>();
      threads.execute(
          () -> {
            thread.complete(Thread.currentThread());
            notes.note("read", () -> pair.socket.getInputStream().read());
            flag.complete(Thread.currentThread().isInterrupted());
          });
      var reader = thread.get(20, TimeUnit.SECONDS);
      untilWaitingIn(reader, "read");
      reader.interrupt();
      notes.note("flag", () -> flag.get(20, TimeUnit.SECONDS));
      notes.note("closed", pair.socket::isClosed);
      notes.note("peer", () -> pair.peer.getInputStream().read());
    } finally {
      threads.shutdownNow();
    }
  }

  private static void untilWaitingIn(Thread thread, String method) {
    var endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (thread.getState() != Thread.State.WAITING
        || Arrays.stream(thread.getStackTrace()).noneMatch(f -> f.getMethodName().equals(method))) {
      assertThat(System.nanoTime() - endNs).as("in time").isNegative();
      LockSupport.parkNanos(100_000);
    }
  }

  private static void facts(SocketPair pair, Notes notes) {
    var socket = pair.socket;
    notes.note("connected", socket::isConnected);
    notes.note("bound", socket::isBound);
    notes.note("closed", socket::isClosed);
    notes.note("port", () -> socket.getPort() == pair.address.getPort());
    notes.note("local port", () -> socket.getLocalPort() == pair.peer.getPort());
    notes.note("local", () -> socket.getLocalAddress().equals(pair.peer.getInetAddress()));
    notes.note("channel", socket::getChannel);
    notes.note("time-out", socket::getSoTimeout);
    notes.note("input shut down", socket::isInputShutdown);
    notes.note("output shut down", socket::isOutputShutdown);
  }

  private static void options(SocketPair pair, Notes notes) {
    var socket = pair.socket;
    notes.run("set", () -> socket.setTcpNoDelay(true));
    notes.note("no delay", socket::getTcpNoDelay);
    notes.run("set", () -> socket.setTcpNoDelay(false));
    notes.note("no delay", socket::getTcpNoDelay);
    notes.run("set", () -> socket.setKeepAlive(true));
    notes.note("keep alive", socket::getKeepAlive);
    notes.run("set", () -> socket.setSoLinger(true, 7));
    notes.note("linger", socket::getSoLinger);
    notes.run("set", () -> socket.setSoLinger(false, 7));
    notes.note("linger", socket::getSoLinger);
    notes.run("buffer", () -> socket.setReceiveBufferSize(0));
    notes.run("buffer", () -> socket.setSendBufferSize(-1));
    notes.run("linger", () -> socket.setSoLinger(true, -1));
    notes.run("traffic class", () -> socket.setTrafficClass(256));
    notes.run("preferences", () -> socket.setPerformancePreferences(1, 2, 3));
  }

  private static void connectingAgain(SocketPair pair, Notes notes) {
    notes.run("connect", () -> pair.socket.connect(pair.address));
    notes.run("connect", () -> pair.socket.connect(pair.address, 10));
    notes.run(
        "bind", () -> pair.socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    notes.note("closed", pair.socket::isClosed);
  }

  /** What one call writes arrives in one piece, whatever another thread writes meanwhile. */
  private static void twoWriters(SocketPair pair, Notes notes) throws Exception {
    var size = 300_000;
    var writers = new CompletableFuture<?>[2];
    for (var i = 0; i < 2; i++) {
      var octets = new byte[size];
      Arrays.fill(octets, (byte) i);
      writers[i] =
          CompletableFuture.runAsync(
              () -> {
                try {
                  pair.socket.getOutputStream().write(octets);
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              },
              task -> new Thread(task).start());
    }
    var read = pair.peer.getInputStream().readNBytes(2 * size);
    CompletableFuture.allOf(writers).get(20, TimeUnit.SECONDS);
    var changes = 0;
    for (var i = 1; i < read.length; i++) {
      changes += read[i] == read[i - 1] ? 0 : 1;
    }
    notes.note("octets", () -> read.length);
    var mixed = changes;
    notes.note("changes", () -> mixed);
  }

  // ---- before there is a connection

  private static void unconnected(Socket socket, Notes notes) {
    notes.note("connected", socket::isConnected);
    notes.note("bound", socket::isBound);
    notes.note("closed", socket::isClosed);
    notes.note("address", socket::getInetAddress);
    notes.note("remote", socket::getRemoteSocketAddress);
    notes.note("local", socket::getLocalSocketAddress);
    notes.note("port", socket::getPort);
    notes.note("local port", socket::getLocalPort);
    notes.note("input", socket::getInputStream);
    notes.note("output", socket::getOutputStream);
    notes.run("end input", socket::shutdownInput);
    notes.run("end output", socket::shutdownOutput);
    notes.note("time-out", socket::getSoTimeout);
  }

  private static void nobodyListens(Socket socket, Notes notes) throws Exception {
    var nobody = SocketPair.closedPort();
    notes.run("connect", () -> socket.connect(nobody, 10_000));
    notes.note("connected", socket::isConnected);
    notes.note("input", socket::getInputStream);
  }

  private static void badAddresses(Socket socket, Notes notes) {
    notes.run("null", () -> socket.connect(null));
    notes.run(
        "time-out",
        () -> socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), -1));
    notes.run("kind", () -> socket.connect(java.net.UnixDomainSocketAddress.of("nowhere")));
    notes.note("closed", socket::isClosed);
  }

  private static void closedEarly(Socket socket, Notes notes) throws Exception {
    socket.close();
    notes.note("closed", socket::isClosed);
    notes.note("connected", socket::isConnected);
    notes.run("connect", () -> socket.connect(SocketPair.closedPort()));
    notes.run("time-out", () -> socket.setSoTimeout(1));
    notes.note("input", socket::getInputStream);
  }

  private static void earlyOptions(Socket socket, Notes notes) throws Exception {
    socket.setTcpNoDelay(true);
    socket.setKeepAlive(true);
    socket.setSoTimeout(20);
    try (var listener = new java.net.ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.getLocalPort()));
      try (var peer = listener.accept()) {
        notes.note("no delay", socket::getTcpNoDelay);
        notes.note("keep alive", socket::getKeepAlive);
        notes.note("late", () -> socket.getInputStream().read());
        notes.note("peer", peer::isConnected);
      }
    }
  }
}

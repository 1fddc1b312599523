package io.vpc4j.core.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.vpc4j.VpcChannel;
import io.vpc4j.core.client.SocketTwinTest.Notes;
import io.vpc4j.core.net.EventLoops;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousByteChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The JDK's asynchronous channel is the oracle, as in {@link SocketTwinTest}. */
@Timeout(60)
class ChannelTwinTest {

  /** A program that uses a channel to {@code peer}, and notes what it sees. */
  @FunctionalInterface
  interface Story {
    void play(AsynchronousByteChannel channel, Socket peer, Notes notes) throws Exception;
  }

  private static EventLoops loops;
  private ServerSocket listener;

  @BeforeAll
  static void start() {
    loops = EventLoops.open(EventLoops.Io.NIO, 1);
  }

  @AfterAll
  static void stop() {
    loops.close();
  }

  @BeforeEach
  void listen() throws IOException {
    listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void stopListening() throws IOException {
    listener.close();
  }

  static Iterable<String> stories() {
    return STORIES.keySet();
  }

  @ParameterizedTest
  @MethodSource("stories")
  void theProgramSeesTheSame(String story) throws Exception {
    try (var plain = AsynchronousSocketChannel.open()) {
      plain.connect(listener.getLocalSocketAddress()).get(20, TimeUnit.SECONDS);
      try (var ours = ours();
          var itsPeer = listener.accept();
          var ourPeer = listener.accept()) {
        var expected = new Notes();
        var seen = new Notes();
        STORIES.get(story).play(plain, itsPeer, expected);
        STORIES.get(story).play(ours, ourPeer, seen);
        assertThat(seen.toString()).isNotEmpty().isEqualTo(expected.toString());
      }
    }
  }

  private VpcChannel ours() {
    var channel =
        new Bootstrap()
            .group(loops.group())
            .channelFactory(loops.socketChannels())
            .option(ChannelOption.SO_SNDBUF, 16 * 1024)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(8_192, 65_536))
            .handler(new StreamChannel(java.util.concurrent.ForkJoinPool.commonPool()))
            .connect(listener.getLocalSocketAddress())
            .syncUninterruptibly()
            .channel();
    return StreamChannel.of(channel, InetSocketAddress.createUnresolved("host.internal", 80));
  }

  private static final Map<String, Story> STORIES = new LinkedHashMap<>();

  static {
    STORIES.put("octets both ways", ChannelTwinTest::octetsBothWays);
    STORIES.put("handlers", ChannelTwinTest::handlers);
    STORIES.put("the end", ChannelTwinTest::theEnd);
    STORIES.put("one at a time", ChannelTwinTest::oneAtATime);
    STORIES.put("close", ChannelTwinTest::close);
    STORIES.put("after close", ChannelTwinTest::afterClose);
    STORIES.put("bad arguments", ChannelTwinTest::badArguments);
    STORIES.put("a reset", ChannelTwinTest::aReset);
  }

  private static void closed(VpcChannel channel) throws IOException {
    channel.close();
  }

  private static Object get(Future<Integer> future) throws Exception {
    try {
      return future.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      return e.getCause().getClass().getSimpleName();
    }
  }

  private static void octetsBothWays(AsynchronousByteChannel channel, Socket peer, Notes notes)
      throws Exception {
    var from = UTF_8.encode("ping");
    notes.note("written", () -> get(channel.write(from)));
    notes.note("left", from::remaining);
    notes.note("peer", () -> new String(peer.getInputStream().readNBytes(4), UTF_8));
    peer.getOutputStream().write("pong!".getBytes(UTF_8));
    var into = ByteBuffer.allocate(10).position(2).limit(6);
    var reading = channel.read(into);
    notes.note("read", () -> get(reading));
    notes.note("buffer", into::toString);
    notes.note("nothing", () -> get(channel.read(into)));
    into.clear();
    notes.note("rest", () -> get(channel.read(into)));
    notes.note("nothing", () -> get(channel.write(ByteBuffer.allocate(0))));
    notes.note("open", channel::isOpen);
  }

  /** A handler reads on from within the handler, as programs do. */
  private static void handlers(AsynchronousByteChannel channel, Socket peer, Notes notes)
      throws Exception {
    var octets = new byte[400_000];
    new Random(3).nextBytes(octets);
    var received = new CompletableFuture<Integer>();
    var sum = new int[1];
    channel.read(
        ByteBuffer.allocate(1_000),
        null,
        new CompletionHandler<Integer, Void>() {
          private final ByteBuffer into = ByteBuffer.allocate(1_000);

          @Override
          public void completed(Integer count, Void attachment) {
            if (count < 0) {
              received.complete(sum[0]);
              return;
            }
            sum[0] += count;
            channel.read(into.clear(), null, this);
          }

          @Override
          public void failed(Throwable failure, Void attachment) {
            received.completeExceptionally(failure);
          }
        });
    peer.getOutputStream().write(octets);
    peer.shutdownOutput();
    notes.note("received", () -> received.get(20, TimeUnit.SECONDS));
    var sent = ByteBuffer.wrap(octets);
    var taken =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return java.util.Arrays.equals(
                    peer.getInputStream().readNBytes(octets.length), octets);
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            },
            task -> new Thread(task).start());
    while (sent.hasRemaining()) {
      channel.write(sent).get(20, TimeUnit.SECONDS);
    }
    notes.note("the same", () -> taken.get(20, TimeUnit.SECONDS));
  }

  private static void theEnd(AsynchronousByteChannel channel, Socket peer, Notes notes)
      throws Exception {
    var into = ByteBuffer.allocate(10);
    var reading = channel.read(into);
    peer.shutdownOutput();
    notes.note("read", () -> get(reading));
    notes.note("again", () -> get(channel.read(into)));
    notes.note("written", () -> get(channel.write(UTF_8.encode("x"))));
    notes.note("peer", () -> peer.getInputStream().read());
  }

  private static void oneAtATime(AsynchronousByteChannel channel, Socket peer, Notes notes)
      throws Exception {
    var reading = channel.read(ByteBuffer.allocate(10));
    notes.note("second read", () -> channel.read(ByteBuffer.allocate(10)));
    peer.getOutputStream().write('x');
    notes.note("first", () -> get(reading));
    Future<Integer> writing;
    do {
      writing = channel.write(ByteBuffer.allocate(4 * 1024 * 1024)); // until it has to wait
    } while (writing.isDone());
    notes.note("second write", () -> channel.write(ByteBuffer.allocate(10)));
  }

  private static void close(AsynchronousByteChannel channel, Socket peer, Notes notes)
      throws Exception {
    var reading = channel.read(ByteBuffer.allocate(10));
    Future<Integer> writing;
    do {
      writing = channel.write(ByteBuffer.allocate(4 * 1024 * 1024));
    } while (writing.isDone());
    channel.close();
    var waiting = writing;
    notes.note("read", () -> get(reading));
    notes.note("written", () -> get(waiting));
    notes.note("open", channel::isOpen);
  }

  private static void afterClose(AsynchronousByteChannel channel, Socket peer, Notes notes)
      throws Exception {
    channel.close();
    notes.run("again", channel::close);
    notes.note("read", () -> get(channel.read(ByteBuffer.allocate(10))));
    notes.note("written", () -> get(channel.write(ByteBuffer.allocate(10))));
    notes.note("peer", () -> peer.getInputStream().read());
  }

  private static void badArguments(AsynchronousByteChannel channel, Socket peer, Notes notes) {
    notes.note("read-only", () -> channel.read(ByteBuffer.allocate(4).asReadOnlyBuffer()));
    notes.note("null", () -> channel.read(null));
    notes.run(
        "no handler",
        () ->
            channel.read(ByteBuffer.allocate(4), null, (CompletionHandler<Integer, Object>) null));
    notes.note("null", () -> channel.write(null));
  }

  private static void aReset(AsynchronousByteChannel channel, Socket peer, Notes notes)
      throws Exception {
    var reading = channel.read(ByteBuffer.allocate(10));
    peer.setSoLinger(true, 0);
    peer.close();
    notes.note(
        "read",
        () -> {
          try {
            return reading.get(20, TimeUnit.SECONDS);
          } catch (ExecutionException e) {
            return e.getCause() instanceof IOException;
          }
        });
  }

  // ---- what the oracle has no word for

  @Test
  void aReadThatIsTakenBackTakesNothing() throws Exception {
    try (var channel = ours();
        var peer = listener.accept()) {
      var reading = channel.read(ByteBuffer.allocate(10));
      assertThat(reading.cancel(true)).isTrue();

      peer.getOutputStream().write("abc".getBytes(UTF_8));
      var into = ByteBuffer.allocate(10);
      assertThat(channel.read(into).get(20, TimeUnit.SECONDS)).isPositive();
      assertThat(into.get(0)).isEqualTo((byte) 'a');
    }
  }

  @Test
  void theOutputEndsAndTheInputGoesOn() throws Exception {
    try (VpcChannel channel = ours();
        var peer = listener.accept()) {
      channel.write(UTF_8.encode("q")).get(20, TimeUnit.SECONDS);
      channel.shutdownOutput();
      assertThat(peer.getInputStream().readAllBytes()).asString(UTF_8).isEqualTo("q");

      peer.getOutputStream().write('a');
      var into = ByteBuffer.allocate(1);
      assertThat(channel.read(into).get(20, TimeUnit.SECONDS)).isEqualTo(1);
      closed(channel);
      assertThatThrownBy(channel::shutdownOutput)
          .isInstanceOf(java.nio.channels.ClosedChannelException.class);
      assertThat(channel.remoteAddress()).hasToString("host.internal/<unresolved>:80");
    }
  }

  @Test
  void nobodyReadsSoTheChannelIsAskedForNoMore() throws Exception {
    try (var channel = ours();
        var peer = listener.accept()) {
      var into = ByteBuffer.allocate(1);
      var reading = channel.read(into);
      var sender =
          CompletableFuture.runAsync(
              () -> {
                try {
                  peer.getOutputStream().write(new byte[32 * 1024 * 1024]);
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              },
              task -> new Thread(task).start());
      reading.get(20, TimeUnit.SECONDS);
      assertThat(sender.isDone()).as("32 MiB with nobody to take them").isFalse();

      var left = 32 * 1024 * 1024 - 1;
      var rest = ByteBuffer.allocate(128 * 1024);
      while (left > 0) {
        left -= channel.read(rest.clear()).get(20, TimeUnit.SECONDS);
      }
      sender.get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void aLoopThatIsBusyIsNotGivenMoreAndMore() throws Exception {
    try (var channel = ours();
        var peer = listener.accept()) {
      var busy = new CountDownLatch(1);
      loops.group().execute(() -> awaitUninterruptibly(busy));
      var octets = new byte[4 * 1024 * 1024];
      new Random(11).nextBytes(octets);
      var sent = ByteBuffer.wrap(octets);

      Future<Integer> writing;
      do {
        writing = channel.write(sent);
      } while (writing.isDone() && sent.hasRemaining());
      assertThat(writing.isDone()).as("%d octets are taken", sent.position()).isFalse();
      assertThat(sent.position()).isLessThanOrEqualTo(1088 * 1024);

      busy.countDown();
      var taken =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return peer.getInputStream().readNBytes(octets.length);
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              },
              task -> new Thread(task).start());
      writing.get(20, TimeUnit.SECONDS);
      while (sent.hasRemaining()) {
        channel.write(sent).get(20, TimeUnit.SECONDS);
      }
      assertThat(java.util.Arrays.equals(taken.get(20, TimeUnit.SECONDS), octets)).isTrue();
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

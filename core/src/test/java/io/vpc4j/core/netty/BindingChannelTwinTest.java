package io.vpc4j.core.netty;

import static io.vpc4j.core.netty.Program.done;
import static io.vpc4j.core.netty.Program.outcome;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.vpc4j.core.net.EventLoops;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Netty's own channel is the oracle: the same program on it and on ours, to the same peer, sees the
 * same events in the same order, and the same outcomes.
 */
@Timeout(60)
class BindingChannelTwinTest {

  /** Tells a story; what it returns are its outcomes, beside the events that were seen. */
  @FunctionalInterface
  interface Story {
    String play(Program program, Peers peers) throws Exception;
  }

  /** Where our channel is. */
  enum On {
    /** A loop of the program's, with NIO. */
    NIO,
    /** The same with epoll. */
    EPOLL,
    /** A loop of the program's without any input or output. */
    LOCAL,
    /** The transport's own loop. */
    TRANSPORT
  }

  private static EventLoops transport;
  private static EventLoops plainLoops;

  @BeforeAll
  static void start() {
    transport = EventLoops.open(EventLoops.Io.NIO, 1);
    plainLoops = EventLoops.open(EventLoops.Io.NIO, 1);
  }

  @AfterAll
  static void stop() {
    transport.close();
    plainLoops.close();
  }

  private static EventLoopGroup group(On on) {
    return switch (on) {
      case NIO -> new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
      case EPOLL ->
          new MultiThreadIoEventLoopGroup(1, io.netty.channel.epoll.EpollIoHandler.newFactory());
      case LOCAL -> new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
      case TRANSPORT -> transport.group();
    };
  }

  static Stream<Arguments> stories() {
    return STORIES.keySet().stream()
        .flatMap(story -> Stream.of(On.values()).map(on -> Arguments.of(story, on)));
  }

  @ParameterizedTest
  @MethodSource("stories")
  void theProgramSeesTheSame(String story, On on) throws Exception {
    assumeTrue(on != On.EPOLL || EventLoops.best() == EventLoops.Io.EPOLL, "no epoll here");
    var group = group(on);
    try {
      var expected = told(story, (peers) -> Peers.plain(plainLoops.group(), plainLoops));
      var seen = told(story, peers -> peers.ours(group));
      assertThat(seen).isNotEmpty().isEqualTo(expected);
    } finally {
      if (on != On.TRANSPORT) {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(20, TimeUnit.SECONDS);
      }
    }
  }

  @FunctionalInterface
  private interface Kind {
    Bootstrap bootstrap(Peers peers);
  }

  private static String told(String story, Kind kind) throws Exception {
    try (var peers = new Peers(transport);
        var program = new Program(options(story, kind.bootstrap(peers)))) {
      var outcomes = STORIES.get(story).play(program, peers);
      return outcomes + " " + program.events();
    }
  }

  private static Bootstrap options(String story, Bootstrap bootstrap) {
    bootstrap.option(ChannelOption.ALLOW_HALF_CLOSURE, story.contains("half"));
    bootstrap.option(ChannelOption.AUTO_READ, !story.contains("by hand"));
    return bootstrap;
  }

  private static final Map<String, Story> STORIES = new LinkedHashMap<>();

  static {
    STORIES.put("octets both ways", BindingChannelTwinTest::octetsBothWays);
    STORIES.put("the far end closes", BindingChannelTwinTest::theFarEndCloses);
    STORIES.put("half the far end closes", BindingChannelTwinTest::halfTheFarEndCloses);
    STORIES.put("half we close", BindingChannelTwinTest::halfWeClose);
    STORIES.put("a reset", BindingChannelTwinTest::aReset);
    STORIES.put("read by hand", BindingChannelTwinTest::readByHand);
    STORIES.put("auto-read off and on", BindingChannelTwinTest::autoReadOffAndOn);
    STORIES.put("writability", BindingChannelTwinTest::writability);
    STORIES.put("close while writing", BindingChannelTwinTest::closeWhileWriting);
    STORIES.put("last words", BindingChannelTwinTest::lastWords);
    STORIES.put("close once written", BindingChannelTwinTest::closeOnceWritten);
    STORIES.put("after close", BindingChannelTwinTest::afterClose);
    STORIES.put("before connect", BindingChannelTwinTest::beforeConnect);
    STORIES.put("refused", BindingChannelTwinTest::refused);
    STORIES.put("cancelled writes", BindingChannelTwinTest::cancelledWrites);
    STORIES.put("empty writes", BindingChannelTwinTest::emptyWrites);
    STORIES.put("we reset", BindingChannelTwinTest::weReset);
    STORIES.put("half both end", BindingChannelTwinTest::halfBothEnd);
    STORIES.put("another loop", BindingChannelTwinTest::anotherLoop);
    STORIES.put("not a buffer", BindingChannelTwinTest::notABuffer);
    STORIES.put("options", BindingChannelTwinTest::options);
  }

  // ---- the stories

  private static String octetsBothWays(Program program, Peers peers) throws Exception {
    program.connected(peers);
    var written = outcome(program.write("ping"));
    var arrived = new String(program.peer().getInputStream().readNBytes(4), UTF_8);
    program.peer().getOutputStream().write("pong!".getBytes(UTF_8));
    program.awaitText("pong!");
    var channel = program.channel();
    return String.join(
        ",",
        written,
        arrived,
        "" + channel.isActive() + channel.isOpen() + channel.isRegistered() + channel.isWritable(),
        "" + (channel.remoteAddress().getPort() == peers.address().getPort()),
        "" + (channel.localAddress() != null));
  }

  private static String theFarEndCloses(Program program, Peers peers) throws Exception {
    program.connected(peers);
    program.peer().getOutputStream().write("last".getBytes(UTF_8));
    program.peer().close();
    program.awaitText("last");
    program.await("unregistered");
    return outcome(program.channel().closeFuture())
        + outcome(program.write("x"))
        + program.channel().isOpen();
  }

  private static String halfTheFarEndCloses(Program program, Peers peers) throws Exception {
    program.connected(peers);
    program.peer().getOutputStream().write("last".getBytes(UTF_8));
    program.peer().shutdownOutput();
    program.awaitText("last");
    program.await("ChannelInputShutdownReadComplete");
    var facts = "" + program.channel().isInputShutdown() + program.channel().isOutputShutdown();
    var written = outcome(program.write("still there"));
    var again = outcome(program.write("!"));
    var arrived = new String(program.peer().getInputStream().readNBytes(12), UTF_8);
    program.channel().close();
    program.await("unregistered");
    return facts + written + again + arrived + program.peer().getInputStream().read();
  }

  private static String halfWeClose(Program program, Peers peers) throws Exception {
    program.connected(peers);
    program.write("question");
    var ended = outcome(program.channel().shutdownOutput());
    var arrived = new String(program.peer().getInputStream().readAllBytes(), UTF_8);
    program.peer().getOutputStream().write("answer".getBytes(UTF_8));
    program.awaitText("answer");
    return ended
        + arrived
        + program.channel().isOutputShutdown()
        + program.channel().isInputShutdown()
        + program.channel().isActive()
        + outcome(program.write("more"))
        + outcome(program.channel().shutdownOutput());
  }

  private static String halfBothEnd(Program program, Peers peers) throws Exception {
    program.connected(peers);
    var ended = outcome(program.channel().shutdownOutput());
    program.peer().shutdownOutput();
    program.await("ChannelInputShutdownReadComplete");
    var shut = program.channel().isShutdown() + "" + program.channel().isOpen();
    var closed = outcome(program.channel().close());
    program.await("unregistered");
    return ended + shut + closed;
  }

  private static String aReset(Program program, Peers peers) throws Exception {
    program.connected(peers);
    program.peer().setSoLinger(true, 0);
    program.peer().close();
    program.await("unregistered");
    return outcome(program.write("x"));
  }

  private static String readByHand(Program program, Peers peers) throws Exception {
    program.connected(peers);
    var out = program.peer().getOutputStream();
    out.write("a".getBytes(UTF_8));
    program.channel().read();
    program.awaitText("a");
    out.write("b".getBytes(UTF_8));
    // The loop turns several times, the far end has sent, and nobody has asked.
    for (var turn = 0; turn < 5; turn++) {
      program.channel().eventLoop().submit(() -> {}).get();
      outcome(program.write("turn"));
    }
    var unasked = program.messages();
    program.channel().read();
    program.awaitText("ab");
    program.peer().shutdownOutput();
    program.channel().read();
    program.await("unregistered");
    return "" + unasked;
  }

  private static String autoReadOffAndOn(Program program, Peers peers) throws Exception {
    program.connected(peers);
    program.peer().getOutputStream().write("a".getBytes(UTF_8));
    program.awaitText("a");
    program.channel().config().setAutoRead(false);
    program.channel().config().setAutoRead(true);
    program.peer().getOutputStream().write("b".getBytes(UTF_8));
    program.awaitText("ab");
    program.channel().config().setAutoRead(false);
    program.channel().read();
    program.peer().getOutputStream().write("c".getBytes(UTF_8));
    program.awaitText("abc");
    program.channel().config().setAutoRead(true);
    program.peer().getOutputStream().write("d".getBytes(UTF_8));
    program.awaitText("abcd");
    return "" + program.channel().config().isAutoRead();
  }

  /** Until the channel says that it is enough. */
  private static List<ChannelFuture> fill(Program program) throws Exception {
    program
        .channel()
        .config()
        .setWriteBufferWaterMark(new WriteBufferWaterMark(1024 * 1024, 8 * 1024 * 1024));
    var writes = new ArrayList<ChannelFuture>();
    var loop = program.channel().eventLoop();
    while (loop.submit(() -> program.channel().isWritable()).get()) {
      writes.add(program.channel().writeAndFlush(Unpooled.wrappedBuffer(new byte[64 * 1024])));
    }
    return writes;
  }

  private static String writability(Program program, Peers peers) throws Exception {
    program.connected(peers);
    var writes = fill(program);
    var before = program.channel().isWritable();
    program.peer().getInputStream().readNBytes(writes.size() * 64 * 1024);
    for (var write : writes) {
      assertThat(outcome(write)).isEqualTo("done");
    }
    program.channel().eventLoop().submit(() -> {}).get();
    return before + "" + program.channel().isWritable();
  }

  private static String closeWhileWriting(Program program, Peers peers) throws Exception {
    program.connected(peers);
    var writes = fill(program);
    var closed = outcome(program.channel().close());
    program.await("unregistered");
    return closed + outcome(writes.get(writes.size() - 1)) + program.channel().isOpen();
  }

  private static String lastWords(Program program, Peers peers) throws Exception {
    program.connected(peers);
    program.write("good");
    program.write("bye");
    var closed = outcome(program.channel().close());
    program.await("unregistered");
    return closed + new String(program.peer().getInputStream().readAllBytes(), UTF_8);
  }

  private static String closeOnceWritten(Program program, Peers peers) throws Exception {
    program.connected(peers);
    program.write("bye").addListener(io.netty.channel.ChannelFutureListener.CLOSE);
    var arrived = new String(program.peer().getInputStream().readAllBytes(), UTF_8);
    program.await("unregistered");
    return arrived;
  }

  private static String afterClose(Program program, Peers peers) throws Exception {
    program.connected(peers);
    var channel = program.channel();
    var closed = outcome(channel.close());
    program.await("unregistered");
    return closed
        + outcome(channel.close())
        + outcome(channel.disconnect())
        + outcome(program.write("x"))
        + outcome(channel.connect(peers.address()))
        + channel.isActive()
        + channel.isInputShutdown()
        + channel.isOutputShutdown();
  }

  private static String beforeConnect(Program program, Peers peers) throws Exception {
    program.registered();
    var written = outcome(program.write("x"));
    var facts = program.channel().isOpen() + "" + program.channel().isActive();
    var connected = outcome(program.channel().connect(peers.address()));
    program.accepted(peers).write("y");
    return written + facts + connected + (char) program.peer().getInputStream().read();
  }

  private static String refused(Program program, Peers peers) throws Exception {
    program.registered();
    var nobody = peers.address();
    peers.close();
    var connecting = done(program.channel().connect(nobody));
    program.await("unregistered");
    return (connecting.cause() instanceof java.net.ConnectException) + outcome(connecting);
  }

  private static String cancelledWrites(Program program, Peers peers) throws Exception {
    program.connected(peers);
    var channel = program.channel();
    var outcomes = new ArrayList<ChannelFuture>();
    channel
        .eventLoop()
        .submit(
            () -> {
              for (var octet : List.of("a", "X", "b", "X", "X", "c")) {
                var promise = channel.newPromise();
                channel.write(Unpooled.copiedBuffer(octet, UTF_8), promise);
                if (octet.equals("X")) {
                  promise.cancel(true);
                }
                outcomes.add(promise);
              }
              channel.flush();
              var promise = channel.newPromise();
              channel.write(Unpooled.copiedBuffer("X", UTF_8), promise);
              promise.cancel(true);
              outcomes.add(promise);
              channel.flush();
            })
        .get();
    var all = new StringBuilder();
    for (var outcome : outcomes) {
      all.append(outcome(outcome)).append(' ');
    }
    all.append(outcome(program.write("d")));
    all.append(new String(program.peer().getInputStream().readNBytes(4), UTF_8));
    var left =
        channel
            .eventLoop()
            .submit(() -> channel.unsafe().outboundBuffer().totalPendingWriteBytes());
    return all + "" + left.get();
  }

  private static String emptyWrites(Program program, Peers peers) throws Exception {
    program.connected(peers);
    var channel = program.channel();
    var first = channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
    var second = channel.writeAndFlush(channel.alloc().buffer(10));
    program.write("x");
    var third = channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
    return outcome(first)
        + outcome(second)
        + outcome(third)
        + (char) program.peer().getInputStream().read();
  }

  private static String weReset(Program program, Peers peers) throws Exception {
    program.connected(peers);
    program.channel().config().setSoLinger(0);
    done(program.channel().close());
    program.await("unregistered");
    try {
      return "" + program.peer().getInputStream().read();
    } catch (SocketException e) {
      return "reset";
    }
  }

  private static String anotherLoop(Program program, Peers peers) throws Exception {
    program.connected(peers);
    var other = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try {
      var channel = program.channel();
      var left = outcome(channel.deregister());
      program.peer().getOutputStream().write("meanwhile ".getBytes(UTF_8));
      var came = outcome(other.register(channel));
      program.peer().getOutputStream().write("and now".getBytes(UTF_8));
      program.awaitText("meanwhile and now");
      var written = outcome(program.write("z"));
      var arrived = (char) program.peer().getInputStream().read();
      var closed = outcome(channel.close());
      program.await("inactive");
      return left + came + written + arrived + closed;
    } finally {
      other.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(20, TimeUnit.SECONDS);
    }
  }

  private static String notABuffer(Program program, Peers peers) throws Exception {
    program.connected(peers);
    var refused = outcome(program.channel().writeAndFlush("text"));
    return refused + outcome(program.write("x")) + program.channel().isOpen();
  }

  private static String options(Program program, Peers peers) throws IOException, Exception {
    program.connected(peers);
    var config = program.channel().config();
    var set =
        ""
            + config.setOption(ChannelOption.TCP_NODELAY, true)
            + config.setOption(ChannelOption.SO_KEEPALIVE, true)
            + config.setOption(ChannelOption.SO_REUSEADDR, true)
            + config.setOption(ChannelOption.SO_LINGER, 3)
            + config.setOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, 1_234)
            + config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    var facts =
        set
            + config.isTcpNoDelay()
            + config.isKeepAlive()
            + config.isReuseAddress()
            + config.getSoLinger()
            + config.getConnectTimeoutMillis()
            + config.isAllowHalfClosure()
            + (config.getOption(ChannelOption.SO_SNDBUF) > 0)
            + (config.getReceiveBufferSize() > 0)
            + config.getOptions().keySet().containsAll(List.of(ChannelOption.IP_TOS));
    config.setSoLinger(-1); // or Netty's own closes on another thread
    return facts;
  }
}

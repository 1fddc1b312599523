package io.vpc4j.mesh.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.testkit.Seeds;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever reads a socket, the same comes: Netty is the slow twin. */
class DatagramReadersTest {

  private static final int PATIENCE_SECONDS = 60;
  private static final int MAX_DATAGRAM = 1_500;
  private static final int LONGEST = 65_507; // what an IPv4 packet holds

  /** What a socket's buffer takes on any Linux, as the kernel counts: headers and room with it. */
  private static final int BURST_OCTETS = 100_000;

  private static final int COUNTED_OCTETS = 1_000; // more than a small datagram counts

  @BeforeEach
  void needsNativeAccess() {
    assumeThat(EventLoops.best())
        .as("NOT RUN: a reader of our own needs epoll")
        .isEqualTo(EventLoops.Io.EPOLL);
    assumeThat(NativeCalls.absence())
        .as("NOT RUN: datagrams are read by Netty alone here")
        .isNull();
  }

  // ---- the same comes

  @Test
  void burstsOfSeveralSendersComeOutTheSame() throws Exception {
    try (var loops = EventLoops.open(EventLoops.Io.EPOLL, 1);
        var senders = new SomeSenders()) {
      var takers = new ArrayList<Taker>();
      for (var reader : DatagramReader.values()) {
        takers.add(new Taker(loops, reader));
      }
      Seeds.forEach(
          11,
          60,
          random -> {
            var burst = burst(random, senders.count());
            for (var taker : takers) {
              var came = taker.expect(burst.size());
              for (var sent : burst) {
                senders.send(sent, taker.port);
              }
              assertThat(came.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                  .as("%s", taker.link.datagramReader())
                  .isEqualTo(senders.expected(burst));
            }
          });
      for (var taker : takers) {
        taker.close();
      }
    }
  }

  /** Of a peer as we are, that gives its system pieces: which come as such, or parted. */
  @ParameterizedTest
  @EnumSource(DatagramReader.class)
  void piecesAreParted(DatagramReader reader) throws Exception {
    try (var loops = EventLoops.open(EventLoops.Io.EPOLL, 1)) {
      var taker = new Taker(loops, reader);
      var talker = new Taker(loops, DatagramReader.NETTY);
      var to = new InetSocketAddress(InetAddress.getLoopbackAddress(), taker.port);
      Seeds.forEach(
          7,
          30,
          random -> {
            var burst = pieces(random);
            var came = taker.expect(burst.size());
            talker
                .loop
                .submit(
                    () -> {
                      burst.forEach(octets -> talker.link.write(ByteBuffer.wrap(octets), to));
                      talker.link.flush();
                    })
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            var from = "/127.0.0.1:" + talker.port;
            assertThat(came.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .isEqualTo(
                    burst.stream()
                        .filter(octets -> octets.length <= MAX_DATAGRAM)
                        .map(octets -> line(from, octets))
                        .sorted()
                        .toList());
          });
      if (reader == DatagramReader.PIECES) {
        assertThat(taker.link.pieces()).as("pieces that came whole").isPositive();
      } else {
        assertThat(taker.link.pieces()).isZero();
      }
      taker.close();
      talker.close();
    }
  }

  /** Equally long ones in a row, and one that is shorter or longer between them. */
  private static List<byte[]> pieces(Random random) {
    var datagrams = new ArrayList<byte[]>();
    var counted = 0;
    while (counted < BURST_OCTETS && datagrams.size() < 150) {
      var length = 1 + random.nextInt(random.nextInt(6) == 0 ? 4_000 : 1_452);
      for (var left = 1 + random.nextInt(40); left > 0 && counted < BURST_OCTETS; left--) {
        datagrams.add(octets(random, length));
        counted += length + COUNTED_OCTETS;
      }
    }
    return datagrams;
  }

  // ---- the end

  /** What is left of a batch is dropped, and its memory is not given back while it is in use. */
  @ParameterizedTest
  @EnumSource(
      value = DatagramReader.class,
      names = {"PIECES", "CALLS"})
  void aLinkMayBeClosedByWhatComes(DatagramReader reader) throws Exception {
    try (var loops = EventLoops.open(EventLoops.Io.EPOLL, 1);
        var senders = new SomeSenders()) {
      for (var round = 0; round < 20; round++) {
        var taker = new Taker(loops, reader);
        taker.closing = true;
        var first = new CompletableFuture<Void>();
        // The loop reads when it is done with this: all of them at once.
        taker
            .loop
            .submit(
                () -> {
                  for (var i = 0; i < 10; i++) {
                    senders.send(new Sent(0, new byte[100]), taker.port);
                  }
                  first.complete(null);
                  return null;
                })
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        first.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        taker.bound.channel().closeFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);

        assertThat(taker.loop.submit(() -> taker.lines.size()).get()).isEqualTo(1);
      }
    }
  }

  /** A datagram that makes the receiver fail is told, and takes no other with it. */
  @ParameterizedTest
  @EnumSource(DatagramReader.class)
  void aReceiverThatFailsHasTheNextOnes(DatagramReader reader) throws Exception {
    try (var loops = EventLoops.open(EventLoops.Io.EPOLL, 1);
        var senders = new SomeSenders()) {
      var taker = new Taker(loops, reader);
      taker.failing = 3;
      var came = taker.expect(10);
      var burst = new ArrayList<Sent>();
      for (var i = 0; i < 10; i++) {
        burst.add(new Sent(0, new byte[i]));
        senders.send(burst.get(i), taker.port);
      }

      assertThat(came.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(senders.expected(burst));
      taker.close();
    }
  }

  // ---- who sends and who takes

  private static final class Sent {
    final int sender;
    final byte[] octets;

    Sent(int sender, byte[] octets) {
      this.sender = sender;
      this.octets = octets;
    }
  }

  private static List<Sent> burst(Random random, int senders) {
    var burst = new ArrayList<Sent>();
    var counted = 0;
    for (var left = 1 + random.nextInt(90); left > 0 && counted < BURST_OCTETS; left--) {
      var octets = octets(random, length(random));
      burst.add(new Sent(random.nextInt(senders), octets));
      counted += octets.length + COUNTED_OCTETS;
    }
    return burst;
  }

  private static int length(Random random) {
    return switch (random.nextInt(12)) {
      case 0 -> 0;
      case 1 -> MAX_DATAGRAM;
      case 2 -> MAX_DATAGRAM + 1;
      case 3 -> LONGEST - random.nextInt(20_000);
      case 4, 5 -> random.nextInt(100);
      default -> 1_452;
    };
  }

  private static byte[] octets(Random random, int length) {
    var octets = new byte[length];
    random.nextBytes(octets);
    return octets;
  }

  private static String line(String from, byte[] octets) {
    return from + " " + octets.length + " " + Arrays.hashCode(octets);
  }

  /** Sockets of both families, as far as there are both. */
  private static final class SomeSenders implements AutoCloseable {
    private final List<DatagramChannel> sockets = new ArrayList<>();

    SomeSenders() throws IOException {
      sockets.add(bind("127.0.0.1"));
      sockets.add(bind("127.0.0.1"));
      try {
        sockets.add(bind("::1"));
      } catch (IOException | UnsupportedOperationException e) {
        System.err.println("NOT RUN over IPv6, which is not to be had here: " + e);
      }
    }

    private static DatagramChannel bind(String address) throws IOException {
      var socket = DatagramChannel.open();
      try {
        return socket.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
      } catch (IOException e) {
        socket.close();
        throw e;
      }
    }

    int count() {
      return sockets.size();
    }

    private static InetSocketAddress address(DatagramChannel socket) throws IOException {
      return (InetSocketAddress) socket.getLocalAddress();
    }

    void send(Sent sent, int port) throws IOException {
      var socket = sockets.get(sent.sender);
      socket.send(
          ByteBuffer.wrap(sent.octets), new InetSocketAddress(address(socket).getAddress(), port));
    }

    /** What has to come: all that is not too long. */
    List<String> expected(List<Sent> burst) throws IOException {
      var lines = new ArrayList<String>();
      for (var sent : burst) {
        if (sent.octets.length <= MAX_DATAGRAM) {
          lines.add(line(text(address(sockets.get(sent.sender))), sent.octets));
        }
      }
      lines.sort(null);
      return lines;
    }

    @Override
    public void close() throws IOException {
      for (var socket : sockets) {
        socket.close();
      }
    }
  }

  private static String text(InetSocketAddress address) {
    return "/" + address.getAddress().getHostAddress().replace("%0", "") + ":" + address.getPort();
  }

  /** A link, and what came by it. */
  private static final class Taker implements DatagramLink.Receiver {
    final EventLoop loop;
    final UdpLink link;
    final ChannelFuture bound;
    final int port;
    final List<String> lines = new ArrayList<>();
    boolean closing;
    int failing = -1;
    private int expected;
    private long truncated;
    private CompletableFuture<List<String>> came = new CompletableFuture<>();

    Taker(EventLoops loops, DatagramReader reader) throws Exception {
      loop = loops.group().next();
      var binding = UdpLink.bind(loops, loop, 0, MAX_DATAGRAM, ByteBufAllocator.DEFAULT, reader);
      link = binding.link();
      loop.submit(() -> link.receiver(this)).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      bound = binding.bound();
      bound.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      port = link.localPort();
    }

    /** Sorted: what is sent from two processors may overtake. */
    CompletableFuture<List<String>> expect(int count) throws Exception {
      return loop.submit(
              () -> {
                lines.clear();
                expected = count;
                truncated = link.truncated();
                came = new CompletableFuture<>();
                return came;
              })
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void onDatagram(ByteBuffer datagram, InetSocketAddress from) {
      var octets = new byte[datagram.remaining()];
      datagram.get(octets);
      lines.add(line(text(from), octets));
      if (closing) {
        link.close();
      }
      if (lines.size() == failing) {
        throw new IllegalStateException("as the test has it");
      }
    }

    @Override
    public void onBatchEnd() {
      if (lines.size() + link.truncated() - truncated == expected) {
        lines.sort(null);
        came.complete(List.copyOf(lines));
      }
    }

    @Override
    public void onWritable() {}

    void close() throws Exception {
      link.close();
      bound.channel().closeFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }
}

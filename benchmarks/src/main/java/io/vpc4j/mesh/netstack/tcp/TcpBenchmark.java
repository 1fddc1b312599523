package io.vpc4j.mesh.netstack.tcp;

import io.vpc4j.mesh.netstack.tcp.wire.TcpSegment;
import io.vpc4j.mesh.netstack.wire.Ecn;
import io.vpc4j.mesh.netstack.wire.InternetChecksum;
import io.vpc4j.mesh.netstack.wire.SipHash;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Two engines in one thread: data goes through a send buffer, a segment, a checksum made and
 * checked, and a receive buffer; acknowledgments come back. Nothing is lost, the clock is a number.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TcpBenchmark {

  private static final int ROOM = 1_400;
  private static final int PAYLOAD = 1_368;
  private static final int SEGMENTS = 32;

  private final TcpHost host = new TcpHost(TcpLimits.defaults());
  private final TcpSegment segment = new TcpSegment();
  private final ByteBuffer packet = ByteBuffer.allocate(2_048);
  private final ByteBuffer data = ByteBuffer.allocate(SEGMENTS * PAYLOAD);
  private long nowNs;
  private TcpConnection client;
  private TcpConnection server;

  /** JMH makes it. */
  @SuppressWarnings("NullAway.Init")
  public TcpBenchmark() {}

  /** Opens the connection, and lets the windows grow. */
  @Setup
  public void connect() {
    var settings = TcpSettings.defaults();
    var listener = new TcpListener(host, settings, 1, 1, new SipHash(1, 2));
    client = TcpConnection.open(host, new TcpFlow(1, 2, ROOM, 3), settings, nowNs);
    client.poll(packet.clear(), nowNs);
    segment.read(packet, 0, packet.position(), Ecn.NOT_ECT);
    var made =
        listener.onSegment(segment, new TcpFlow(2, 1, ROOM, 4), ByteBuffer.allocate(100), nowNs);
    if (made == null) {
      throw new IllegalStateException("refused");
    }
    server = made;
    for (var i = 0; i < 100; i++) {
      transfer();
    }
  }

  /** One segment with 1,368 octets and its share of acknowledgments, from write to read. */
  @Benchmark
  @OperationsPerInvocation(SEGMENTS)
  public int transfer() {
    nowNs += 50_000;
    client.write(data.clear(), nowNs);
    var moved = pump(client, server) + pump(server, client);
    var read = server.read(data.clear(), nowNs);
    nowNs += 50_000;
    moved += pump(server, client) + pump(client, server);
    return moved + read + server.read(data.clear(), nowNs) + pump(server, client);
  }

  private int pump(TcpConnection from, TcpConnection to) {
    var octets = 0;
    while (from.poll(packet.clear(), nowNs) > 0) {
      var length = packet.position();
      var sum = InternetChecksum.fold(InternetChecksum.sum(packet, 0, length));
      packet.putShort(TcpSegment.CHECKSUM_OFFSET, (short) sum);
      if (InternetChecksum.fold(InternetChecksum.sum(packet, 0, length)) != 0) {
        throw new IllegalStateException("checksum");
      }
      segment.read(packet, 0, length, Ecn.NOT_ECT);
      to.onSegment(segment, nowNs);
      octets += length;
    }
    return octets;
  }

  /** Taking the header and the usual options apart. */
  @Benchmark
  public TcpSegment.Verdict readHeader() {
    return segment.read(packet, 0, Math.max(32, packet.position()), Ecn.NOT_ECT);
  }

  /** Making or checking the checksum of a full segment. */
  @Benchmark
  public int checksum() {
    return InternetChecksum.fold(InternetChecksum.sum(packet, 0, ROOM));
  }
}

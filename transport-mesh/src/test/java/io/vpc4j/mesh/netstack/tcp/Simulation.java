package io.vpc4j.mesh.netstack.tcp;

import io.vpc4j.mesh.netstack.tcp.wire.TcpSegment;
import io.vpc4j.mesh.netstack.wire.Ecn;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;

/** Two hosts, a link each way, and a clock that jumps to whatever comes next. */
final class Simulation {

  private record Arrival(long atNs, long order, SimulatedHost at, SimulatedLink.Packet packet) {}

  private static final int MAX_STEPS_AT_ONCE = 100_000;

  private final PriorityQueue<Arrival> flying =
      new PriorityQueue<>(
          Comparator.comparingLong(Arrival::atNs).thenComparingLong(Arrival::order));
  private final long beganNs;
  private long order;
  private long nowNs;
  private int stepsAtOnce;

  final SimulatedHost client;
  final SimulatedHost server;
  final SimulatedLink toServer;
  final SimulatedLink toClient;
  final List<String> trace = new ArrayList<>();
  boolean tracing;

  /** The clock wraps in the middle of things, to show who compares where they should subtract. */
  Simulation(SimulatedLink.Shape shape, TcpSettings settings, long seed) {
    this(shape, settings, settings, TcpLimits.defaults(), seed);
  }

  Simulation(
      SimulatedLink.Shape shape,
      TcpSettings ofClient,
      TcpSettings ofServer,
      TcpLimits limits,
      long seed) {
    beganNs = Long.MAX_VALUE - 299_999_873L; // so that nothing falls on Deadline.NONE itself
    nowNs = beganNs;
    client = new SimulatedHost(this, "c", ofClient, limits, seed);
    server = new SimulatedHost(this, "s", ofServer, limits, seed + 1);
    toServer = new SimulatedLink(shape, seed + 2, (packet, at) -> fly(server, packet, at));
    toClient = new SimulatedLink(shape, seed + 3, (packet, at) -> fly(client, packet, at));
  }

  private void fly(SimulatedHost to, SimulatedLink.Packet packet, long atNs) {
    flying.add(new Arrival(atNs - beganNs, order++, to, packet));
  }

  long nowNs() {
    return nowNs;
  }

  double elapsedSeconds() {
    return (nowNs - beganNs) / 1e9;
  }

  void send(SimulatedHost from, ByteBuffer octets, Ecn ecn) {
    var packet = new byte[octets.remaining()];
    octets.get(packet);
    if (tracing) {
      trace.add(describe(from, packet));
    }
    (from == client ? toServer : toClient).send(new SimulatedLink.Packet(packet, ecn), nowNs);
  }

  private String describe(SimulatedHost from, byte[] packet) {
    var segment = new TcpSegment();
    segment.read(ByteBuffer.wrap(packet), 0, packet.length, Ecn.NOT_ECT);
    return String.format(Locale.ROOT, "%.3f %s %s", elapsedSeconds(), from, segment);
  }

  /** Something from elsewhere arrives at {@code to} now. */
  void inject(SimulatedHost to, ByteBuffer octets) {
    var packet = new byte[octets.remaining()];
    octets.get(packet);
    to.onPacket(new SimulatedLink.Packet(packet, Ecn.NOT_ECT));
  }

  /**
   * Goes on until {@code done}, calling {@code application} after each step.
   *
   * @return false if nothing was left to wait for, or the time was up
   */
  boolean run(double maxSeconds, BooleanSupplier done, Runnable application) {
    var endNs = nowNs + (long) (maxSeconds * 1e9);
    while (true) {
      application.run();
      client.drain();
      server.drain();
      if (done.getAsBoolean()) {
        return true;
      }
      var next = Deadline.earliest(client.deadlineNs(), server.deadlineNs());
      if (!flying.isEmpty()) {
        next = Deadline.earliest(next, flying.peek().atNs() + beganNs);
      }
      if (next == Deadline.NONE || next - endNs > 0) {
        nowNs = endNs;
        return false;
      }
      stepsAtOnce = next - nowNs > 0 ? 0 : stepsAtOnce + 1;
      if (stepsAtOnce > MAX_STEPS_AT_ONCE) {
        throw new AssertionError("time stands still: " + client.state() + server.state());
      }
      nowNs = next - nowNs > 0 ? next : nowNs;
      while (!flying.isEmpty() && flying.peek().atNs() + beganNs - nowNs <= 0) {
        var arrival = flying.remove();
        arrival.at().onPacket(arrival.packet());
      }
      client.onTime();
      server.onTime();
    }
  }

  boolean run(double maxSeconds) {
    return run(maxSeconds, () -> false, () -> {});
  }

  /** Connections that live, segments that fly. */
  int leftovers() {
    return client.live() + server.live() + flying.size();
  }
}

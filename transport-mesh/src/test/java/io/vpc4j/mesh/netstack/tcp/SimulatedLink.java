package io.vpc4j.mesh.netstack.tcp;

import io.vpc4j.mesh.netstack.wire.Ecn;
import java.util.Random;
import java.util.function.Predicate;

/**
 * One direction of a path in virtual time: a queue in front of a bottleneck, then a wire with a
 * delay, on which packets get lost, doubled or overtaken. Everything random comes from one seed.
 */
final class SimulatedLink {

  /**
   * What a link does to packets.
   *
   * @param delayNs from the bottleneck to the far end
   * @param loss share of packets that vanish, 0 to 1
   * @param duplicate share that arrives twice
   * @param reorder share that takes up to {@code reorderNs} longer
   * @param bitsPerSecond of the bottleneck, 0 for none
   * @param queueOctets in front of it; what does not fit is dropped
   * @param markOctets length of the queue from which on ECT packets are marked, 0 for never
   */
  record Shape(
      long delayNs,
      double loss,
      double duplicate,
      double reorder,
      long reorderNs,
      long bitsPerSecond,
      int queueOctets,
      int markOctets) {

    static Shape delayMs(long milliseconds) {
      return new Shape(milliseconds * 1_000_000, 0, 0, 0, 0, 0, 0, 0);
    }

    Shape loss(double share) {
      return new Shape(
          delayNs, share, duplicate, reorder, reorderNs, bitsPerSecond, queueOctets, markOctets);
    }

    Shape duplicate(double share) {
      return new Shape(
          delayNs, loss, share, reorder, reorderNs, bitsPerSecond, queueOctets, markOctets);
    }

    Shape reorder(double share, long ms) {
      return new Shape(
          delayNs, loss, duplicate, share, ms * 1_000_000, bitsPerSecond, queueOctets, markOctets);
    }

    Shape rate(long bits, int queue) {
      return new Shape(delayNs, loss, duplicate, reorder, reorderNs, bits, queue, markOctets);
    }

    Shape mark(int octets) {
      return new Shape(
          delayNs, loss, duplicate, reorder, reorderNs, bitsPerSecond, queueOctets, octets);
    }
  }

  /** A packet at the far end. */
  static final class Packet {
    private final byte[] octets;
    private final Ecn ecn;

    Packet(byte[] octets, Ecn ecn) {
      this.octets = octets;
      this.ecn = ecn;
    }

    byte[] octets() {
      return octets;
    }

    Ecn ecn() {
      return ecn;
    }
  }

  /** Where packets come out. */
  interface Far {
    void arrive(Packet packet, long atNs);
  }

  private static final int IP_HEADER_OCTETS = 20;

  private final Shape shape;
  private final Random random;
  private final Far far;
  private long freeAtNs;
  private boolean used;
  private Predicate<byte[]> dropNext = packet -> false;
  long sent;
  long dropped;
  long marked;

  SimulatedLink(Shape shape, long seed, Far far) {
    this.shape = shape;
    this.random = new Random(seed);
    this.far = far;
  }

  /** Drops what {@code which} says, besides what the shape does. */
  void dropIf(Predicate<byte[]> which) {
    dropNext = which;
  }

  void send(Packet packet, long nowNs) {
    sent++;
    if (dropNext.test(packet.octets()) || random.nextDouble() < shape.loss()) {
      dropped++;
      return;
    }
    var leavesNs = nowNs;
    var carried = packet;
    if (shape.bitsPerSecond() > 0) {
      var begins = used && freeAtNs - nowNs > 0 ? freeAtNs : nowNs; // the clock wraps
      var queued = (begins - nowNs) / 1e9 * shape.bitsPerSecond() / 8;
      var length = packet.octets().length + IP_HEADER_OCTETS;
      if (queued + length > shape.queueOctets()) {
        dropped++;
        return;
      }
      if (shape.markOctets() > 0 && queued > shape.markOctets() && packet.ecn() == Ecn.ECT_0) {
        carried = new Packet(packet.octets(), Ecn.CE);
        marked++;
      }
      freeAtNs = begins + (long) (length * 8e9 / shape.bitsPerSecond());
      used = true;
      leavesNs = freeAtNs;
    }
    arrive(carried, leavesNs);
    if (random.nextDouble() < shape.duplicate()) {
      arrive(carried, leavesNs + 1);
    }
  }

  private void arrive(Packet packet, long leavesNs) {
    var late =
        random.nextDouble() < shape.reorder()
            ? (long) (random.nextDouble() * shape.reorderNs())
            : 0;
    far.arrive(packet, leavesNs + shape.delayNs() + late);
  }
}

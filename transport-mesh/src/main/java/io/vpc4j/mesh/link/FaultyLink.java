package io.vpc4j.mesh.link;

import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * A link with faults, for tests and for trying how a program does on a bad network: what is sent is
 * lost, doubled, delayed and so reordered, as a seed has it.
 *
 * <p>At most {@link #MAX_DELAYED} datagrams are under way; one more is lost.
 */
public final class FaultyLink implements DatagramLink {

  /** Datagrams that are being delayed at once. */
  public static final int MAX_DELAYED = 65_536;

  /**
   * What goes wrong, each for every datagram on its own.
   *
   * @param loss the part that is lost, 0 to 1
   * @param duplication the part that is sent twice, 0 to 1
   * @param delayNs of each
   * @param jitterNs added, 0 to this: what is reordered is what this makes overtake
   */
  public record Faults(double loss, double duplication, long delayNs, long jitterNs) {
    /** Checks the parts. */
    public Faults {
      if (loss < 0 || loss > 1 || duplication < 0 || duplication > 1) {
        throw new IllegalArgumentException("a part is 0 to 1");
      }
      if (delayNs < 0 || jitterNs < 0) {
        throw new IllegalArgumentException("a delay is 0 or more");
      }
    }
  }

  private final DatagramLink link;
  private final EventLoop loop;
  private final Faults faults;
  private final Random random;
  private int delayed;
  private long lost;

  /**
   * Makes a bad link of a good one.
   *
   * @param loop of the link
   * @param seed the same faults for the same datagrams
   */
  public FaultyLink(DatagramLink link, EventLoop loop, Faults faults, long seed) {
    this.link = link;
    this.loop = loop;
    this.faults = faults;
    random = new Random(seed);
  }

  @Override
  public void receiver(Receiver receiver) {
    link.receiver(receiver);
  }

  @Override
  public void write(ByteBuffer datagram, InetSocketAddress to) {
    if (random.nextDouble() < faults.loss()) {
      lost++;
      return;
    }
    send(datagram, to);
    if (random.nextDouble() < faults.duplication()) {
      send(datagram, to);
    }
  }

  private void send(ByteBuffer datagram, InetSocketAddress to) {
    var delayNs =
        faults.delayNs() + (faults.jitterNs() == 0 ? 0 : random.nextLong(faults.jitterNs()));
    if (delayNs == 0) {
      link.write(datagram, to);
      return;
    }
    if (delayed == MAX_DELAYED) {
      lost++;
      return;
    }
    delayed++;
    var copy = ByteBuffer.allocate(datagram.remaining());
    copy.put(0, datagram, datagram.position(), datagram.remaining());
    loop.schedule(
        () -> {
          delayed--;
          link.write(copy, to);
          link.flush();
        },
        delayNs,
        TimeUnit.NANOSECONDS);
  }

  @Override
  public void flush() {
    link.flush();
  }

  @Override
  public boolean writable() {
    return link.writable();
  }

  @Override
  public int localPort() {
    return link.localPort();
  }

  @Override
  public void close() {
    link.close();
  }

  /** Datagrams that were lost here. */
  public long lost() {
    return lost;
  }
}

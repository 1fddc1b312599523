package io.vpc4j.tunnel.carrier.quic;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.vpc4j.tunnel.carrier.quic.WriteOrder.Place;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The one writer of a connection: every octet and every end of every stream goes through here, in
 * the order of {@link WriteOrder}.
 *
 * <p>The library's own order starves. When acknowledgements make room it offers the room to the
 * streams that have something queued, always in the same order, and each takes all it can: a stream
 * that never runs dry leaves nothing to those behind it. So nothing is left to that order: a stream
 * is given to the library one quantum at a time, and only while the connection has room. What it
 * does not take at once, which happens when a figure of ours is stale, it keeps; then nobody writes
 * until it has gone.
 *
 * <p>It runs at two moments, neither of them inside a stream's event: before packets that were read
 * are answered ({@link BatchHandler}), and from a task of the loop. A run writes at most {@link
 * #RUN_OCTETS}; then the loop reads what has come in before it goes on, or acknowledgements would
 * wait behind the writing.
 *
 * <p><b>Bare ends</b> are lost where an acknowledgement comes in between their writing and their
 * leaving, see {@link StreamOutput}. So they are written where they leave at once: from a task
 * while the congestion window has room, and else at the end of a batch that has brought an
 * acknowledgement, before all octets. The library does not say how full the window is: it is taken
 * for full when the stream that wrote last has little room left.
 */
final class ConnectionWriter {

  /** One turn of a stream. */
  static final int QUANTUM_OCTETS = 16 << 10;

  /** One run. */
  static final int RUN_OCTETS = 256 << 10;

  /** Less room than that, or than an eighth of the run before it, is none: packets have headers. */
  private static final int LITTLE_ROOM_OCTETS = 2 * QuicParameters.MAX_SEND_OCTETS;

  /** Ends that wait for an acknowledgement are written after that time whether or not one came. */
  private static final long END_NS = TimeUnit.MILLISECONDS.toNanos(250);

  private final EventLoop loop;
  private final BatchHandler batch;
  private final ChannelHandlerContext batchContext;
  private final WriteOrder<StreamOutput> order = new WriteOrder<>();
  private final ArrayDeque<StreamOutput> ends = new ArrayDeque<>();

  private boolean running;
  private boolean taskPlanned;
  private boolean batchPlanned;

  private boolean looking;

  /** Runs while ends wait for an acknowledgement. */
  private @Nullable ScheduledFuture<?> endsTimer;

  /** Whether what is given to the library now waits there. */
  private boolean full;

  /** The round-trip time when ends waited last: another one means an acknowledgement. */
  private long rttNs;

  /** Whose octets the library has kept; nobody writes meanwhile. */
  private @Nullable StreamOutput kept;

  private final LongAdder octetsOut = new LongAdder();

  ConnectionWriter(EventLoop loop, BatchHandler batch, ChannelHandlerContext batchContext) {
    this.loop = loop;
    this.batch = batch;
    this.batchContext = batchContext;
  }

  /** Octets that the library has taken, of all streams. */
  long octetsOut() {
    return octetsOut.sum();
  }

  Place<StreamOutput> join(StreamOutput output) {
    return order.join(output);
  }

  /** {@code place}'s stream has something to write. */
  void await(Place<StreamOutput> place) {
    order.await(place);
    wake();
  }

  /** {@code place}'s stream has nothing to write, or no room. */
  void leave(Place<StreamOutput> place) {
    order.leave(place);
  }

  /** {@code output} has nothing left but its end. */
  void awaitEnd(StreamOutput output) {
    ends.add(output);
    if (full) {
      waitForAcknowledgement();
    } else {
      planTask();
    }
  }

  private void waitForAcknowledgement() {
    if (endsTimer == null) {
      rttNs = ends.element().rttNs();
      endsTimer = loop.schedule(this::endsHaveWaited, END_NS, TimeUnit.NANOSECONDS);
      lookInNextBatch();
    }
  }

  private void lookInNextBatch() {
    if (!looking) {
      looking = true;
      batch.atNextEnd(this::lookForAcknowledgement);
    }
  }

  /** A batch has been read since ends began to wait. */
  private void lookForAcknowledgement() {
    looking = false;
    if (endsTimer == null) {
      return; // they have not waited for it
    }
    if (ends.element().rttNs() == rttNs) {
      lookInNextBatch();
    } else {
      ends.forEach(StreamOutput::urge);
      writeEnds();
    }
  }

  private void endsHaveWaited() {
    endsTimer = null;
    batch.hold();
    try {
      writeEnds();
    } finally {
      batch.release(batchContext);
    }
  }

  /** The library has taken what it had kept, or refused it. */
  void keptIsGone(StreamOutput output) {
    if (kept == output) {
      kept = null;
      wake();
    }
  }

  private void wake() {
    if (running || kept != null) {
      return;
    }
    if (!batch.reading()) {
      planTask();
    } else if (!batchPlanned) {
      batchPlanned = true;
      batch.atEnd(this::runInBatch);
    }
  }

  private void planTask() {
    if (!taskPlanned) {
      taskPlanned = true;
      loop.execute(this::runInTask);
    }
  }

  private void runInBatch() {
    batchPlanned = false;
    writeOctets();
  }

  private void writeEnds() {
    if (endsTimer != null) {
      endsTimer.cancel(false);
      endsTimer = null;
    }
    for (var left = ends.size(); left > 0; left--) {
      ends.remove().writeEnd();
    }
  }

  private void runInTask() {
    taskPlanned = false;
    batch.hold();
    try {
      if (!full) {
        writeEnds();
      } else if (!ends.isEmpty()) {
        waitForAcknowledgement();
      }
      writeOctets();
    } finally {
      batch.release(batchContext);
    }
  }

  private void writeOctets() {
    if (running) {
      return;
    }
    running = true;
    var left = RUN_OCTETS;
    try {
      while (left > 0 && kept == null) {
        var place = order.next();
        if (place == null) {
          return;
        }
        left -= turn(place, RUN_OCTETS - left);
      }
    } finally {
      running = false;
    }
    if (kept == null && !order.isEmpty() && !taskPlanned) {
      taskPlanned = true;
      // Not execute: a task that plans itself so runs again before the socket is read.
      loop.schedule(this::runInTask, 1, TimeUnit.NANOSECONDS);
    }
  }

  /** One stream's turn, {@code before} octets into the run; how much of the run it has used up. */
  private int turn(Place<StreamOutput> place, int before) {
    var output = place.flow();
    var octets = output.writeSome(QUANTUM_OCTETS);
    octetsOut.add(octets);
    if (octets > 0) {
      full = output.room() < Math.max(LITTLE_ROOM_OCTETS, (before + octets) / 8);
    }
    if (place.waiting()) {
      order.wrote(place, octets);
    }
    if (output.kept()) {
      kept = output;
    }
    if (!output.canWrite()) {
      order.leave(place);
    }
    return Math.max(octets, 1);
  }
}

package io.vpc4j.tunnel.carrier.quic;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
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
 * are answered ({@link BatchHandler}), and from a task of the loop. A bare end of stream is written
 * from a task alone, see {@link StreamOutput}. A run writes at most {@link #RUN_OCTETS}; then the
 * loop reads what has come in before it goes on, or acknowledgements would wait behind the writing.
 */
final class ConnectionWriter {

  /** One turn of a stream. */
  static final int QUANTUM_OCTETS = 16 << 10;

  /** One run. */
  static final int RUN_OCTETS = 256 << 10;

  private final EventLoop loop;
  private final BatchHandler batch;
  private final ChannelHandlerContext batchContext;
  private final WriteOrder<StreamOutput> order = new WriteOrder<>();
  private final ArrayDeque<StreamOutput> ends = new ArrayDeque<>();

  private boolean running;
  private boolean taskPlanned;
  private boolean batchPlanned;

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
    planTask();
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

  private void runInTask() {
    taskPlanned = false;
    batch.hold();
    try {
      for (var left = ends.size(); left > 0; left--) {
        ends.remove().writeEnd();
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
        left -= turn(place);
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

  /** One stream's turn; how much of the run it has used up. */
  private int turn(Place<StreamOutput> place) {
    var output = place.flow();
    var octets = output.writeSome(QUANTUM_OCTETS);
    octetsOut.add(octets);
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

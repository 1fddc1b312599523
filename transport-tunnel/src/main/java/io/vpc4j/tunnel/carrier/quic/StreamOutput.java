package io.vpc4j.tunnel.carrier.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamPriority;
import io.vpc4j.tunnel.carrier.quic.WriteOrder.Place;
import java.net.SocketException;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one stream has to write, and its end: the one place where streams end.
 *
 * <p><b>The end.</b> The library can lose a FIN that comes without octets: it holds a stream for
 * finished, and forgets it, when the peer has finished and every octet is acknowledged, whether or
 * not the FIN has left. So:
 *
 * <ul>
 *   <li>where octets are still queued when the end is asked for, the FIN goes with the last of
 *       them, and cannot be lost;
 *   <li>where the peer has not finished, a bare FIN cannot be lost either;
 *   <li>otherwise the bare FIN is written where the library sends it before it reads another
 *       acknowledgement: {@link ConnectionWriter} chooses the moment.
 * </ul>
 *
 * <p>The edge ends a stream behind the connector's end ([C] 4.5), so the end of an answer is always
 * of the first two kinds.
 *
 * <p><b>STOP_SENDING.</b> The library tells of it only those who have something queued with it, and
 * once the peer has ended its half as well the library forgets the stream: what is written then is
 * queued for ever, and no error comes. So where the peer has ended, and where a closed stream's
 * last octets stand still, the library is given one octet more than it has room for, which fails
 * when the stream is stopped. The octet is in nobody's way: what it waits for is this stream's
 * window.
 *
 * <p>All methods are called on the loop.
 */
final class StreamOutput {

  /** Pieces shorter than this are put together; longer ones are not copied. */
  private static final int GATHER_OCTETS = 4 << 10;

  /**
   * Room there must be for a stream's first octets: the connector reads the two of the version in
   * one read, and they must not be parted ([C] 4.2).
   */
  private static final int FIRST_OCTETS = 128;

  /** How long to wait for it. */
  private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(1);

  private static final QuicStreamPriority URGENT = new QuicStreamPriority(0, true);

  private final QuicStreamChannel quic;
  private final ConnectionWriter writer;
  private final Place<StreamOutput> place;

  /** Goes before what {@link #body} has. */
  private final ArrayDeque<ByteBuf> ahead = new ArrayDeque<>();

  private @Nullable ChannelOutboundBuffer body;
  private Runnable onDone = () -> {};
  private boolean begun;
  private boolean waitsForMore;
  private boolean kept;
  private boolean listening;
  private boolean endAsked;
  private boolean endAwaitsRoom;
  private boolean done;
  private boolean peerEnded;
  private long takenOctets;
  private @Nullable Throwable failure;

  StreamOutput(QuicStreamChannel quic, ConnectionWriter writer) {
    this.quic = quic;
    this.writer = writer;
    this.place = writer.join(this);
  }

  /** Writes {@code octets} before anything of the body; takes them over. */
  void write(ByteBuf octets) {
    if (done) {
      octets.release();
      return;
    }
    ahead.add(octets);
    offer();
  }

  /** The queue of the channel that writes from now on. */
  void from(@Nullable ChannelOutboundBuffer body) {
    this.body = body;
  }

  /** Called once, when the end has been handed to the library or never will be. */
  void onDone(Runnable action) {
    onDone = action;
    if (done) {
      action.run();
    }
  }

  /** There is something flushed in the body. */
  void offer() {
    if (canWrite()) {
      writer.await(place);
    }
  }

  /** Ends the stream behind what is queued. */
  void end() {
    if (endAsked || done) {
      return;
    }
    endAsked = true;
    if (isEmpty()) {
      writer.awaitEnd(this);
    } else {
      offer();
    }
  }

  /** Ends the stream with RESET_STREAM; what is queued is dropped. */
  void reset(int code) {
    if (!done) {
      quic.shutdownOutput(code);
      finish(null);
    }
  }

  /** The peer has finished its half, or the stream is no more. */
  void peerEnded() {
    peerEnded = true;
    if (!done) {
      quic.eventLoop().execute(this::listenForStop);
    }
  }

  /** The library says that there is room, or that there is none. */
  void roomChanged() {
    if (!quic.isWritable() || done) {
      return;
    }
    if (endAwaitsRoom) {
      endAwaitsRoom = false;
      writer.awaitEnd(this);
    }
    offer();
  }

  /** Drops everything: the stream is gone. */
  void abandon() {
    finish(null);
  }

  /** Whether it takes nothing any more: ended, reset, stopped by the peer, or gone. */
  boolean done() {
    return done;
  }

  boolean endAsked() {
    return endAsked;
  }

  /** What the library has taken so far. */
  long takenOctets() {
    return takenOctets;
  }

  /** Why the library refused what it was given; null if it did not. */
  @Nullable Throwable failure() {
    return failure;
  }

  // ---- for the writer

  /** Whether the library has kept what it could not send, and will send before all others. */
  boolean kept() {
    return kept && !listening && !done;
  }

  boolean canWrite() {
    return !done && !kept && !waitsForMore && !isEmpty() && quic.bytesBeforeUnwritable() > 0;
  }

  private void waitedForMore() {
    waitsForMore = false;
    offer();
  }

  /** Writes at most {@code mostOctets}, and the end with the last of them. Returns how many. */
  int writeSome(int mostOctets) {
    var room = (int) Math.min(mostOctets, quic.bytesBeforeUnwritable());
    if (room <= 0 || done || isEmpty()) {
      return 0;
    }
    if (!begun && room < FIRST_OCTETS && !waitsForMore) {
      waitsForMore = true;
      quic.eventLoop().schedule(this::waitedForMore, RETRY_NS, TimeUnit.NANOSECONDS);
      return 0;
    }
    begun = true;
    var octets = give(room);
    if (peerEnded) {
      listenForStop();
    }
    return octets;
  }

  /**
   * Gives the library one octet that it has no room for, see above. From a task, or by the writer.
   */
  void listenForStop() {
    if (begun && !done && !kept && !isEmpty() && quic.bytesBeforeUnwritable() == 0) {
      listening = true;
      give(1);
    }
  }

  private int give(int mostOctets) {
    var piece = take(mostOctets);
    var octets = piece.readableBytes();
    var last = endAsked && isEmpty();
    var written = quic.write(last ? new DefaultQuicStreamFrame(piece, true) : piece);
    if (!written.isDone()) {
      kept = true;
      written.addListener(future -> keptHasGone(written, octets, last));
      if (quic.bytesBeforeUnwritable() > 0) {
        // Room, and not taken: the library has forgotten the stream.
        finish(new SocketException("the peer has stopped the stream"));
      }
    } else if (failed(written)) {
      return 0;
    } else {
      wrote(octets, last);
    }
    return octets;
  }

  /**
   * The library has got rid of what it had kept. Only now has the end left, if it was the last:
   * until then the stream must not be closed, or what is kept is dropped and the end sent all the
   * same.
   */
  private void keptHasGone(ChannelFuture written, int octets, boolean last) {
    kept = false;
    listening = false;
    if (!failed(written)) {
      wrote(octets, last);
    }
    writer.keptIsGone(this);
    offer();
  }

  private void wrote(int octets, boolean last) {
    takenOctets += octets;
    if (last) {
      finish(null);
    } else if (endAsked && isEmpty() && !done) {
      writer.awaitEnd(this);
    }
  }

  /** Lets what it has, its end above all, go before what other streams have with the library. */
  void urge() {
    if (quic.isOpen()) {
      quic.updatePriority(URGENT);
    }
  }

  /** What the library would take now, in octets; exact after a write, and else at times stale. */
  long room() {
    return quic.isOpen() ? quic.bytesBeforeUnwritable() : 0;
  }

  /** The round-trip time as the library has it; 0 if the connection is gone. */
  long rttNs() {
    var path = quic.parent().collectPathStats(0);
    return path.isSuccess() ? path.getNow().rtt() : 0;
  }

  /** Writes the end, without octets. Not from within an event of the stream. */
  void writeEnd() {
    if (done || !isEmpty()) {
      return;
    }
    if (kept || (peerEnded && quic.isOpen() && quic.bytesBeforeUnwritable() == 0)) {
      endAwaitsRoom = true;
      return;
    }
    var written = quic.write(QuicStreamFrame.EMPTY_FIN);
    if (!failed(written)) {
      finish(null);
    }
  }

  private boolean failed(ChannelFuture written) {
    if (written.isDone() && !written.isSuccess()) {
      finish(written.cause());
      return true;
    }
    return false;
  }

  private void finish(@Nullable Throwable cause) {
    if (done) {
      return;
    }
    done = true;
    failure = cause;
    writer.leave(place);
    if (kept) {
      writer.keptIsGone(this); // it will not be sent, or has been
    }
    while (!ahead.isEmpty()) {
      ahead.remove().release();
    }
    onDone.run();
  }

  // ---- the queue

  private boolean isEmpty() {
    if (!ahead.isEmpty()) {
      return false;
    }
    dropEmptyOnes();
    return body == null || body.isEmpty();
  }

  private void dropEmptyOnes() {
    while (body != null
        && body.current() instanceof ByteBuf first
        && !first.isReadable()
        && body.remove()) {
      // its promise is kept by that
    }
  }

  /** Takes at most {@code room} octets off the queue, as one direct buffer. */
  private ByteBuf take(int room) {
    if (!ahead.isEmpty()) {
      return takeAhead(room);
    }
    var queue = body;
    if (queue == null || !(queue.current() instanceof ByteBuf first)) {
      throw new AssertionError("nothing queued");
    }
    var whole = first.readableBytes();
    if ((whole >= GATHER_OCTETS || queue.size() == 1) && first.nioBufferCount() == 1) {
      var octets = Math.min(whole, room);
      var piece = first.retainedSlice(first.readerIndex(), octets);
      queue.removeBytes(octets);
      return piece;
    }
    return gather(queue, room);
  }

  private ByteBuf takeAhead(int room) {
    var first = ahead.element();
    if (first.readableBytes() <= room && first.nioBufferCount() == 1) {
      return ahead.remove();
    }
    var octets = Math.min(first.readableBytes(), room);
    var piece = quic.alloc().directBuffer(octets).writeBytes(first, octets);
    if (!first.isReadable()) {
      ahead.remove().release();
    }
    return piece;
  }

  private ByteBuf gather(ChannelOutboundBuffer queue, int room) {
    var piece = quic.alloc().directBuffer(Math.min(room, ConnectionWriter.QUANTUM_OCTETS));
    var end = piece.writerIndex() + Math.min(room, ConnectionWriter.QUANTUM_OCTETS);
    try {
      queue.forEachFlushedMessage(
          message -> {
            var buffer = (ByteBuf) message;
            var octets = Math.min(buffer.readableBytes(), end - piece.writerIndex());
            piece.writeBytes(buffer, buffer.readerIndex(), octets);
            return piece.writerIndex() < end;
          });
    } catch (Exception e) {
      piece.release();
      throw new IllegalStateException(e); // the processor throws none
    }
    queue.removeBytes(piece.readableBytes());
    return piece;
  }
}

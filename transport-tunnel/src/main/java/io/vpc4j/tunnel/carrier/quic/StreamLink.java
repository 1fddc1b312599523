package io.vpc4j.tunnel.carrier.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.util.concurrent.ScheduledFuture;
import io.vpc4j.tunnel.carrier.Windows;
import java.net.SocketException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One QUIC stream as the library has it, for as long as it has it: hands what is read to a {@link
 * StreamReader}, owns the {@link StreamOutput}, and sees the stream off.
 *
 * <p>The only handler in the pipeline of the library's channel, which reads on demand alone. All
 * methods are called on the loop.
 *
 * <p><b>Seeing off.</b> A stream that is given up ends its output behind what is queued, which has
 * as long as it needs while any of it goes, and {@link Windows#STALLED_NS} while none does. What
 * still comes in is dropped; the peer is told with STOP_SENDING if that is more than {@link
 * #DISCARD_OCTETS}, or if it has not ended {@link #DISCARD_NS} after our own end. Not at once,
 * since the library never frees its record of a stream that ended so: the peer's own end is worth a
 * short wait.
 */
final class StreamLink extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(StreamLink.class);

  /** What one reader may take before the others have a turn. */
  private static final int READ_TURN_OCTETS = 256 << 10;

  /** How long a stream that was given up waits for the peer's end. */
  static final long DISCARD_NS = TimeUnit.MILLISECONDS.toNanos(250);

  /** How much of it is dropped meanwhile. */
  static final int DISCARD_OCTETS = Windows.STREAM_INITIAL_OCTETS;

  private final QuicStreamChannel quic;
  private final QuicCarrier carrier;
  private final StreamOutput output;

  private StreamReader reader = new Discarding();
  private boolean inputEnded;
  private boolean inputStopped;
  private boolean endTold;
  private boolean gone;
  private boolean counted;
  private boolean closing;
  private boolean completeWaits;
  private int turnOctets;
  private @Nullable Progress last;
  private @Nullable ScheduledFuture<?> timer;

  StreamLink(QuicStreamChannel quic, QuicCarrier carrier) {
    this.quic = quic;
    this.carrier = carrier;
    this.output = new StreamOutput(quic, carrier.writer());
  }

  QuicStreamChannel quic() {
    return quic;
  }

  StreamOutput output() {
    return output;
  }

  QuicCarrier carrier() {
    return carrier;
  }

  /** From now on it is one of the streams of requests. */
  void count() {
    counted = true;
  }

  boolean counted() {
    return counted;
  }

  /** Whether the library has closed the stream. */
  boolean gone() {
    return gone;
  }

  /** Hands what comes from now on to {@code next}. */
  void to(StreamReader next) {
    reader = next;
  }

  /** Reads once: octets, the end, or a failure will come, not from within this call. */
  void read() {
    if (inputEnded || gone) {
      if (!endTold) {
        quic.eventLoop().execute(this::tellEnd);
      }
    } else if (turnOctets >= READ_TURN_OCTETS) {
      quic.eventLoop()
          .schedule(
              () -> {
                turnOctets = 0;
                quic.read();
              },
              1,
              TimeUnit.NANOSECONDS);
    } else {
      quic.read();
    }
  }

  private void tellEnd() {
    if (endTold) {
      return;
    }
    endTold = true;
    if (inputEnded) {
      reader.end();
    } else {
      reader.failed(new SocketException("the tunnel's connection was lost"));
    }
  }

  // ---- what the library says

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var frame = (QuicStreamFrame) message;
    if (frame.hasFin()) {
      inputEnded = true;
      output.peerEnded();
    }
    ByteBuf octets = frame.content();
    var length = octets.readableBytes();
    if (length == 0) {
      octets.release();
      return;
    }
    turnOctets += length;
    carrier.countIn(length);
    reader.octets(octets);
  }

  /**
   * The library says this for each packet. Within a batch of them the reader hears it once, at the
   * end: what is written on behalf of a packet would cost a system call of its own, and what the
   * other packets brought is then read as one.
   */
  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (completeWaits) {
      return;
    }
    completeWaits = true;
    if (!carrier.atEndOfBatch(this::completeRead)) {
      completeRead();
    }
  }

  private void completeRead() {
    if (!completeWaits) {
      return;
    }
    completeWaits = false;
    reader.readComplete();
    if (inputEnded) {
      tellEnd();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    output.roomChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    gone = true;
    output.abandon();
    cancelTimer();
    carrier.ended(this);
    completeRead();
    tellEnd();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("{}: stream {}", carrier, quic.streamId(), cause);
    completeRead();
    if (!endTold) {
      endTold = true;
      reader.failed(
          cause instanceof QuicStreamResetException reset
              ? new SocketException(
                  "the peer reset the stream, code " + reset.applicationProtocolCode())
              : cause);
    }
    output.reset(0);
    if (!inputEnded && !gone) {
      carrier.countForgotten();
    }
    quic.close();
  }

  // ---- the end

  /** Gives the stream up: ends the output behind what is queued. */
  void close() {
    if (begins()) {
      output.end();
      last = new Progress(Windows.STALLED_NS, output.takenOctets(), nowNs());
      lookLater();
      waitForEnds();
      output.listenForStop();
    }
  }

  /** Looks whether the last octets go. */
  void lookAtLast() {
    var watched = last;
    if (watched == null || output.done() || gone) {
      return;
    }
    if (watched.isStalled(output.takenOctets(), nowNs())) {
      LOG.debug("{}: stream {} is given up: its last octets do not go", carrier, quic.streamId());
      giveUp();
    } else {
      output.listenForStop();
      lookLater();
    }
  }

  private void lookLater() {
    cancelTimer();
    timer = quic.eventLoop().schedule(this::lookAtLast, Windows.LINGER_NS, TimeUnit.NANOSECONDS);
  }

  private long nowNs() {
    return carrier.ticker().nowNs();
  }

  /** Gives the stream up with RESET_STREAM: what was to come is not coming. */
  void abort(int code) {
    if (begins()) {
      output.reset(code);
      waitForEnds();
    }
  }

  private boolean begins() {
    if (closing || gone) {
      return false;
    }
    closing = true;
    return true;
  }

  private void waitForEnds() {
    turnOctets = 0;
    reader = new Discarding();
    output.onDone(this::outputDone);
    if (!gone && !inputEnded) {
      quic.read();
    }
  }

  private void outputDone() {
    if (gone) {
      return;
    }
    cancelTimer();
    if (inputEnded || inputStopped) {
      quic.close();
    } else {
      timer = quic.eventLoop().schedule(this::giveUp, DISCARD_NS, TimeUnit.NANOSECONDS);
    }
  }

  private void giveUp() {
    if (gone) {
      return;
    }
    output.reset(0);
    stopInput();
    quic.close();
  }

  /** Whether the peer was told that nothing more is read. */
  boolean inputStopped() {
    return inputStopped;
  }

  private void stopInput() {
    if (!inputEnded && !inputStopped) {
      inputStopped = true;
      quic.shutdownInput(0); // STOP_SENDING
      carrier.countForgotten();
    }
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  /** Reads and drops. */
  private final class Discarding implements StreamReader {
    private int dropped;

    @Override
    public void octets(ByteBuf octets) {
      dropped += octets.readableBytes();
      octets.release();
    }

    @Override
    public void readComplete() {
      if (closing && dropped > DISCARD_OCTETS) {
        stopInput();
        if (output.done()) {
          giveUp();
        } // else what was written goes first
      } else if (closing) {
        quic.read();
      }
    }

    @Override
    public void end() {
      if (closing && output.done() && !gone) {
        cancelTimer();
        quic.close();
      }
    }

    @Override
    public void failed(Throwable cause) {
      // Nobody is left who would want to know.
    }
  }
}

package io.vpc4j.tunnel.carrier.quic;

import io.netty.buffer.ByteBuf;
import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.capnp.ReadLimits;
import io.vpc4j.tunnel.stream.OpeningDecoder;
import io.vpc4j.tunnel.stream.StreamOpening;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads how a stream begins that the peer has opened. [C] 4.2
 *
 * <p>What begins otherwise, ends, or takes longer than {@link QuicParameters#OPENING_NS} is given
 * up with code 0, as the reference implementation does.
 */
final class OpeningReader implements StreamReader {

  private static final Logger LOG = LoggerFactory.getLogger(OpeningReader.class);

  private final StreamLink link;
  private final OpeningDecoder decoder = new OpeningDecoder(ReadLimits.CONNECT);
  private final BiConsumer<StreamOpening, ByteBuf> opened;
  private final Deadline deadline;
  private boolean over;

  /**
   * Begins to read.
   *
   * @param opened given the opening and the octets behind it, which it takes over; called once at
   *     most
   */
  OpeningReader(StreamLink link, BiConsumer<StreamOpening, ByteBuf> opened) {
    this.link = link;
    this.opened = opened;
    var carrier = link.carrier();
    this.deadline =
        carrier.deadline(
            carrier.ticker().nowNs() + QuicParameters.OPENING_NS,
            () -> giveUp("nothing that could be a request came in time"));
  }

  @Override
  public void octets(ByteBuf octets) {
    if (over) {
      octets.release();
      return;
    }
    StreamOpening opening;
    try {
      var buffer = octets.nioBuffer();
      opening = decoder.poll(buffer);
      octets.skipBytes(octets.readableBytes() - buffer.remaining());
    } catch (Malformed e) {
      octets.release();
      giveUp(e.toString());
      return;
    }
    if (opening == null) {
      octets.release();
    } else {
      over = true;
      deadline.cancel();
      opened.accept(opening, octets);
    }
  }

  @Override
  public void readComplete() {
    if (!over) {
      link.read();
    }
  }

  @Override
  public void end() {
    giveUp("it ended at once");
  }

  @Override
  public void failed(Throwable cause) {
    giveUp("it was reset at once");
  }

  private void giveUp(String reason) {
    if (!over) {
      over = true;
      deadline.cancel();
      LOG.debug("{}: a stream of the peer is given up: {}", link.carrier(), reason);
      link.abort(0);
    }
  }
}

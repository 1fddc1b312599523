package io.vpc4j.tunnel.carrier.quic;

import io.netty.buffer.ByteBuf;
import io.vpc4j.tunnel.carrier.StreamFailure;
import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.capnp.ReadLimits;
import io.vpc4j.tunnel.stream.ConnectResponse;
import io.vpc4j.tunnel.stream.ConnectResponseDecoder;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Reads a stream up to the connector's answer. [C] 4.3 */
final class AnswerReader implements StreamReader {

  private final StreamLink link;
  private final ConnectResponseDecoder decoder = new ConnectResponseDecoder(ReadLimits.CONNECT);
  private final BiConsumer<ConnectResponse, ByteBuf> answered;
  private final Consumer<StreamFailure> failed;
  private boolean over;

  /**
   * One of the two is called, once.
   *
   * @param answered given the answer and the octets behind it, which it takes over
   */
  AnswerReader(
      StreamLink link,
      BiConsumer<ConnectResponse, ByteBuf> answered,
      Consumer<StreamFailure> failed) {
    this.link = link;
    this.answered = answered;
    this.failed = failed;
  }

  @Override
  public void octets(ByteBuf octets) {
    if (over) {
      octets.release();
      return;
    }
    ConnectResponse response;
    try {
      var buffer = octets.nioBuffer();
      response = decoder.poll(buffer);
      octets.skipBytes(octets.readableBytes() - buffer.remaining());
    } catch (Malformed e) {
      octets.release();
      fail(StreamFailure.lost("the answer cannot be read", e));
      return;
    }
    if (response == null) {
      octets.release();
    } else {
      over = true;
      answered.accept(response, octets);
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
    fail(
        StreamFailure.lost(
            decoder.hasBegun()
                ? "the stream ended within the answer"
                : "the stream ended before an answer",
            null));
  }

  @Override
  public void failed(Throwable cause) {
    fail(StreamFailure.lost("the stream was lost before an answer", cause));
  }

  private void fail(StreamFailure failure) {
    if (!over) {
      over = true;
      failed.accept(failure);
    }
  }
}

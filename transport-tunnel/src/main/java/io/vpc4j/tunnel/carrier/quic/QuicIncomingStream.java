package io.vpc4j.tunnel.carrier.quic;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import io.vpc4j.tunnel.carrier.IncomingStream;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;
import java.nio.channels.ClosedChannelException;

/** A request on a data stream. [C] 4.3 */
final class QuicIncomingStream implements IncomingStream {

  private final ConnectRequest request;
  private final CarriedStream stream;

  QuicIncomingStream(ConnectRequest request, CarriedStream stream) {
    this.request = request;
    this.stream = stream;
  }

  @Override
  public ConnectRequest request() {
    return request;
  }

  @Override
  public Channel channel() {
    return stream;
  }

  @Override
  public void begin(ChannelHandler initializer) {
    carrier().onLoop(() -> stream.activate(initializer));
  }

  @Override
  public Future<Void> answer(ConnectResponse response) {
    var left = stream.newPromise();
    var octets = Unpooled.wrappedBuffer(response.encode());
    carrier()
        .onLoop(
            () -> {
              if (stream.isOpen()) {
                stream.link().output().write(octets); // ahead of all that the channel writes
                left.setSuccess();
              } else {
                octets.release();
                left.setFailure(new ClosedChannelException());
              }
            });
    return left;
  }

  @Override
  public Future<Void> accept(ConnectResponse response, ChannelHandler initializer) {
    var written = stream.newPromise();
    var octets = Unpooled.wrappedBuffer(response.encode());
    carrier().onLoop(() -> stream.activate(octets, written, initializer));
    return written;
  }

  @Override
  public void refuse(ConnectResponse response) {
    var octets = Unpooled.wrappedBuffer(response.encode());
    carrier()
        .onLoop(
            () -> {
              stream.link().output().write(octets);
              stream.close();
            });
  }

  @Override
  public void reset() {
    carrier().onLoop(stream::reset);
  }

  private QuicCarrier carrier() {
    return stream.link().carrier();
  }
}

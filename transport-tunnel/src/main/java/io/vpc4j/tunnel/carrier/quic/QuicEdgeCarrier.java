package io.vpc4j.tunnel.carrier.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.tunnel.carrier.ConfigurationOutcome;
import io.vpc4j.tunnel.carrier.EdgeAcceptor;
import io.vpc4j.tunnel.carrier.EdgeCarrier;
import io.vpc4j.tunnel.carrier.EdgeCarrierListener;
import io.vpc4j.tunnel.carrier.OpenStream;
import io.vpc4j.tunnel.carrier.StreamFailure;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;
import io.vpc4j.tunnel.stream.Preamble;
import io.vpc4j.tunnel.stream.StreamOpening;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A connector's QUIC connection, as the edge has it. [C] 4 */
final class QuicEdgeCarrier extends QuicCarrier implements EdgeCarrier {

  /** The first bidirectional stream of the client. RFC 9000 2.1; [C] 4.2 */
  private static final long CONTROL_STREAM = 0;

  private final EdgeAcceptor acceptor;
  private @Nullable EdgeCarrierListener listener;

  /** Asks {@code acceptor} who listens, when the handshake is done. */
  QuicEdgeCarrier(QuicChannel quic, BatchHandler batch, Ticker ticker, EdgeAcceptor acceptor) {
    super(quic, batch, ticker);
    this.acceptor = acceptor;
  }

  @Override
  void begun() {
    listener = acceptor.accept(this);
  }

  private EdgeCarrierListener listener() {
    var known = listener;
    if (known == null) {
      throw new IllegalStateException("not begun");
    }
    return known;
  }

  // ---- streams of the edge

  @Override
  public Future<OpenStream> open(
      ConnectRequest request, ChannelHandler initializer, long deadlineNs) {
    Promise<OpenStream> promise = eventLoop().newPromise();
    onLoop(
        () ->
            createStream(
                link -> await(link, request, initializer, deadlineNs, promise),
                promise::tryFailure));
    return promise;
  }

  private void await(
      StreamLink link,
      ConnectRequest request,
      ChannelHandler initializer,
      long deadlineNs,
      Promise<OpenStream> promise) {
    count(link);
    var deadline =
        deadline(
            deadlineNs,
            () -> promise.tryFailure(StreamFailure.timedOut("no answer by the deadline")));
    // Whatever ends the wait without a channel, the caller's cancel included, ends the stream.
    promise.addListener(
        done -> {
          deadline.cancel();
          if (!done.isSuccess()) {
            onLoop(() -> giveUp(link, promise.cause()));
          }
        });
    link.to(
        new AnswerReader(
            link,
            (response, rest) -> answered(link, response, rest, initializer, promise),
            promise::tryFailure));
    link.output().write(Unpooled.wrappedBuffer(request.encode()));
    link.read();
  }

  private static void giveUp(StreamLink link, @Nullable Throwable cause) {
    if (cause instanceof StreamFailure failure && failure.kind() == StreamFailure.Kind.REFUSED) {
      link.close();
    } else {
      link.abort(0);
    }
  }

  private static void answered(
      StreamLink link,
      ConnectResponse response,
      ByteBuf rest,
      ChannelHandler initializer,
      Promise<OpenStream> promise) {
    if (!response.isOk()) {
      rest.release();
      promise.tryFailure(StreamFailure.refused(response.error(), response));
    } else if (!promise.setUncancellable()) {
      rest.release();
    } else {
      var stream = new CarriedStream(link, rest);
      stream.register();
      stream.activate(initializer);
      promise.trySuccess(new OpenStream(response, stream));
    }
  }

  @Override
  public Future<Channel> exchange(ConnectRequest request, ChannelHandler initializer) {
    Promise<Channel> promise = eventLoop().newPromise();
    onLoop(
        () ->
            createStream(
                link -> {
                  count(link);
                  link.output().write(Unpooled.wrappedBuffer(request.encode()));
                  present(link, promise, new AnswerDecoder(), initializer);
                },
                promise::tryFailure));
    return promise;
  }

  @Override
  public Future<Channel> openRpc(ChannelHandler initializer) {
    Promise<Channel> promise = eventLoop().newPromise();
    onLoop(
        () ->
            createStream(
                link -> {
                  link.output().write(Unpooled.wrappedBuffer(Preamble.rpc()));
                  present(link, promise, initializer);
                },
                promise::tryFailure));
    return promise;
  }

  @Override
  public Future<ConfigurationOutcome> updateConfiguration(
      int version, byte[] json, long deadlineNs) {
    return new ConfigurationCall(this, version, json, deadlineNs).start();
  }

  // ---- streams of the connector

  @Override
  void incoming(StreamLink link) {
    if (link.quic().streamId() == CONTROL_STREAM) {
      hand(link, Unpooled.EMPTY_BUFFER, listener()::onControlStream);
      return;
    }
    link.to(
        new OpeningReader(
            link,
            (opening, rest) -> {
              if (opening instanceof StreamOpening.Rpc) {
                hand(link, rest, listener()::onRpcStream);
              } else {
                rest.release();
                link.abort(0); // the edge asks, and is not asked
              }
            }));
    link.read();
  }

  private static void hand(StreamLink link, ByteBuf rest, Consumer<Channel> taker) {
    var stream = new CarriedStream(link, rest);
    stream.register();
    taker.accept(stream);
    stream.activate();
  }

  @Override
  void datagram(ByteBuf datagram) {
    listener().onDatagram(datagram);
  }

  @Override
  void closed(String reason) {
    if (listener != null) {
      listener.onClosed(reason);
    }
  }
}

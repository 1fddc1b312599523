package io.vpc4j.tunnel.carrier.http2;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.carrier.ConfigurationOutcome;
import io.vpc4j.tunnel.carrier.EdgeAcceptor;
import io.vpc4j.tunnel.carrier.EdgeCarrier;
import io.vpc4j.tunnel.carrier.EdgeCarrierListener;
import io.vpc4j.tunnel.carrier.OpenStream;
import io.vpc4j.tunnel.carrier.StreamFailure;
import io.vpc4j.tunnel.stream.ConnectRequest;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connector's HTTP/2 connection, as the edge has it.
 *
 * <p>As soon as the handshake is done it sends the preface and asks for the control stream ([T]
 * 3.3). A PING goes out every {@link #PING_EVERY_NS}; once nothing at all has come for {@link
 * #DEAD_AFTER_NS} the connection is taken for dead, since a connector answers PINGs at once and TCP
 * alone notices a lost peer after minutes ([T] 3.1).
 */
final class Http2EdgeCarrier extends Http2Carrier implements EdgeCarrier {

  static final long PING_EVERY_NS = TimeUnit.MILLISECONDS.toNanos(1_500);
  static final long DEAD_AFTER_NS = TimeUnit.MILLISECONDS.toNanos(4_500);

  private final EdgeCarrierListener listener;

  private Http2EdgeCarrier(
      CarrierContext context, ChannelHandlerContext ctx, EdgeAcceptor acceptor) {
    super(context, ctx, Multiplexer.Role.CLIENT, DEAD_AFTER_NS);
    listener = acceptor.accept(this);
  }

  /** Makes a connection whose handshake is done a carrier. Called on its loop. */
  static void begin(CarrierContext context, ChannelHandlerContext ctx, EdgeAcceptor acceptor)
      throws Http2Exception {
    var carrier = new Http2EdgeCarrier(context, ctx, acceptor);
    carrier.join(ctx);
    if (ctx.channel().isActive()) {
      carrier.begin(PING_EVERY_NS);
      carrier.askForControlStream();
    }
  }

  // ---- the control stream

  private void askForControlStream() {
    var head = RequestHead.empty().set(RequestHead.UPGRADE, RequestHead.CONTROL_STREAM);
    var stream = new MultiplexedStream[1];
    stream[0] =
        multiplexer()
            .request(
                head,
                false,
                new Multiplexer.HeadListener() {
                  @Override
                  public void onHead(Http2Headers answer, boolean end) {
                    if (!"200".contentEquals(ResponseHead.status(answer))) {
                      close("the control stream was answered with " + ResponseHead.status(answer));
                      return;
                    }
                    stream[0].begin(StreamChannel.AtPeersEnd.TELL, initializer());
                  }

                  @Override
                  public void onNoHead(IOException cause, boolean untouched) {
                    close("no control stream: " + cause.getMessage());
                  }
                });
  }

  private ChannelHandler initializer() {
    return new ChannelInitializer<Channel>() {
      @Override
      protected void initChannel(Channel control) {
        listener.onControlStream(control);
      }
    };
  }

  // ---- streams

  @Override
  public Future<OpenStream> open(
      ConnectRequest request, ChannelHandler initializer, long deadlineNs) {
    Promise<OpenStream> promise = eventLoop().newPromise();
    onLoop(() -> openOnLoop(request, initializer, deadlineNs, promise));
    return promise;
  }

  private void openOnLoop(
      ConnectRequest request,
      ChannelHandler initializer,
      long deadlineNs,
      Promise<OpenStream> promise) {
    if (promise.isDone()) {
      return;
    }
    if (!takesStreams()) {
      promise.tryFailure(StreamFailure.notOpened("the connection takes no more streams", null));
      return;
    }
    var opening = new Opening(request, initializer, promise);
    opening.stream = multiplexer().request(RequestHead.write(request), false, opening);
    count();
    var expiry =
        eventLoop()
            .schedule(
                () -> promise.tryFailure(StreamFailure.timedOut("no answer from the connector")),
                Math.max(0, deadlineNs - context().ticker().nowNs()),
                TimeUnit.NANOSECONDS);
    promise.addListener(
        done -> {
          expiry.cancel(false);
          if (!done.isSuccess()) {
            uncount();
            opening.stream().abandon(Http2Error.CANCEL);
          }
        });
  }

  /** A stream that has been asked for with {@link #open}. */
  private final class Opening implements Multiplexer.HeadListener {
    private final ConnectRequest request;
    private final ChannelHandler initializer;
    private final Promise<OpenStream> promise;
    private @Nullable MultiplexedStream stream;

    Opening(ConnectRequest request, ChannelHandler initializer, Promise<OpenStream> promise) {
      this.request = request;
      this.initializer = initializer;
      this.promise = promise;
    }

    MultiplexedStream stream() {
      if (stream == null) {
        throw new IllegalStateException("not asked for yet");
      }
      return stream;
    }

    @Override
    public void onHead(Http2Headers head, boolean end) {
      var answer = ResponseHead.read(request.type(), head);
      if (!answer.error().isEmpty()) {
        promise.tryFailure(StreamFailure.refused("the connector refused", answer));
        return;
      }
      if (!promise.setUncancellable()) {
        return; // given up a moment ago: its listener has abandoned the stream
      }
      var channel = stream().begin(StreamChannel.AtPeersEnd.CLOSE, initializer);
      channel.closeFuture().addListener(closed -> uncount());
      promise.setSuccess(new OpenStream(answer, channel));
    }

    @Override
    public void onNoHead(IOException cause, boolean untouched) {
      promise.tryFailure(noHead(cause, untouched));
    }
  }

  private static StreamFailure noHead(IOException cause, boolean untouched) {
    var message = String.valueOf(cause.getMessage());
    return untouched ? StreamFailure.notOpened(message, cause) : StreamFailure.lost(message, cause);
  }

  @Override
  public Future<Channel> exchange(ConnectRequest request, ChannelHandler initializer) {
    Promise<Channel> promise = eventLoop().newPromise();
    onLoop(() -> exchangeOnLoop(request, initializer, promise));
    return promise;
  }

  private void exchangeOnLoop(
      ConnectRequest request, ChannelHandler initializer, Promise<Channel> promise) {
    if (!promise.setUncancellable()) {
      return;
    }
    if (!takesStreams()) {
      promise.setFailure(StreamFailure.notOpened("the connection takes no more streams", null));
      return;
    }
    var exchange = new Exchanging(request);
    var stream = multiplexer().request(RequestHead.write(request), false, exchange);
    var channel = stream.begin(StreamChannel.AtPeersEnd.CLOSE, initializer);
    exchange.channel = channel;
    countUntilClosed(channel);
    promise.setSuccess(channel);
  }

  /** A stream whose answer comes as its channel's first message. */
  private final class Exchanging implements Multiplexer.HeadListener {
    private final ConnectRequest request;
    private @Nullable StreamChannel channel;

    Exchanging(ConnectRequest request) {
      this.request = request;
    }

    @Override
    public void onHead(Http2Headers head, boolean end) {
      if (channel != null) {
        channel.arrive(ResponseHead.read(request.type(), head));
        multiplexer().hasNews(channel);
      }
    }

    @Override
    public void onNoHead(IOException cause, boolean untouched) {
      if (channel != null) {
        channel.fail(noHead(cause, untouched));
      }
    }
  }

  private boolean takesStreams() {
    return isOpen() && multiplexer().takesStreams();
  }

  @Override
  public Future<ConfigurationOutcome> updateConfiguration(
      int version, byte[] json, long deadlineNs) {
    Promise<ConfigurationOutcome> promise = eventLoop().newPromise();
    onLoop(
        () ->
            new ConfigurationPush(multiplexer(), promise)
                .send(version, json, deadlineNs - context().ticker().nowNs()));
    return promise;
  }

  @Override
  public void onRequest(MultiplexedStream stream, Http2Headers head, boolean end) {
    throw new IllegalStateException("a client is asked for nothing");
  }

  @Override
  void closed(String why) {
    listener.onClosed(why);
  }
}

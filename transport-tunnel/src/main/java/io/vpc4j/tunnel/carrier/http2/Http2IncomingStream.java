package io.vpc4j.tunnel.carrier.http2;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.concurrent.Future;
import io.vpc4j.tunnel.carrier.IncomingStream;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/** A request of the edge, over HTTP/2. Its methods may be called from any thread. */
final class Http2IncomingStream implements IncomingStream {

  private final Multiplexer multiplexer;
  private final ConnectRequest request;
  private final StreamChannel channel;
  private final Gate gate;
  private boolean answered; // confined to the loop

  Http2IncomingStream(Multiplexer multiplexer, MultiplexedStream stream, ConnectRequest request) {
    this.multiplexer = multiplexer;
    this.request = request;
    gate = new Gate();
    channel = stream.begin(StreamChannel.AtPeersEnd.TELL, gate);
  }

  @Override
  public ConnectRequest request() {
    return request;
  }

  @Override
  public Channel channel() {
    return channel;
  }

  @Override
  public void begin(ChannelHandler initializer) {
    onLoop(
        () -> {
          if (channel.isActive()) {
            channel.pipeline().addLast(initializer);
            gate.open();
          }
        });
  }

  @Override
  public Future<Void> answer(ConnectResponse response) {
    if (!response.isOk()) {
      throw new IllegalArgumentException("an error is no yes: " + response.error());
    }
    var left = channel.newPromise();
    onLoop(() -> answer(response, left));
    return left;
  }

  private void answer(ConnectResponse response, ChannelPromise left) {
    if (answered || !channel.isActive()) {
      left.setFailure(new ClosedChannelException());
      return;
    }
    answered = true;
    multiplexer
        .writeHead(channel.streamId(), AnswerHead.write(request.type(), response), false)
        .addListener(
            written -> {
              if (written.isSuccess()) {
                left.trySuccess();
              } else {
                left.tryFailure(written.cause());
              }
            });
  }

  @Override
  public void refuse(ConnectResponse response) {
    onLoop(
        () -> {
          if (answered || !channel.isActive()) {
            return;
          }
          answered = true;
          multiplexer.writeHead(
              channel.streamId(), AnswerHead.write(request.type(), response), true);
          channel.stopOutput();
          channel.close();
        });
  }

  @Override
  public void reset() {
    onLoop(
        () -> {
          answered = true;
          if (channel.isOpen()) {
            channel.stopOutput();
            channel.close();
            multiplexer.reset(channel.streamId(), Http2Error.INTERNAL_ERROR);
          }
        });
  }

  private void onLoop(Runnable action) {
    if (channel.eventLoop().inEventLoop()) {
      action.run();
    } else {
      channel.eventLoop().execute(action);
    }
  }

  /**
   * Lets nothing through before the answer: what comes waits in the stream's window. {@code
   * channelActive} is for the handlers that come with the answer.
   */
  private static final class Gate extends ChannelDuplexHandler {
    private @Nullable ChannelHandlerContext ctx;
    private boolean open;
    private boolean readWanted;

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      this.ctx = ctx;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      // passed on by open()
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
      if (open) {
        ctx.read();
      } else {
        readWanted = true;
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (open) {
        ctx.fireExceptionCaught(cause);
      } else {
        ctx.close();
      }
    }

    void open() {
      var at = ctx;
      if (at == null) {
        throw new IllegalStateException("not in a pipeline");
      }
      open = true;
      at.fireChannelActive();
      if (readWanted) {
        at.read();
      }
    }
  }
}

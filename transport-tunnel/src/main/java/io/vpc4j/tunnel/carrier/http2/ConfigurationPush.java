package io.vpc4j.tunnel.carrier.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.concurrent.Promise;
import io.vpc4j.tunnel.carrier.ConfigurationOutcome;
import io.vpc4j.tunnel.carrier.StreamFailure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.json.JsonFactory;

/**
 * One configuration pushed with a request, and its answer. [T] 3.6
 *
 * <p>Confined to the connection's loop.
 */
final class ConfigurationPush implements Multiplexer.HeadListener {

  /** More of an answer is not read. */
  private static final int MAX_ANSWER_OCTETS = 64 << 10;

  private static final String NO_TEXT =
      "the connector did not take it; over HTTP/2 the reason is in its log alone";

  private static final JsonFactory JSON = new JsonFactory();

  private final Multiplexer multiplexer;
  private final Promise<ConfigurationOutcome> promise;
  private @Nullable MultiplexedStream stream;

  ConfigurationPush(Multiplexer multiplexer, Promise<ConfigurationOutcome> promise) {
    this.multiplexer = multiplexer;
    this.promise = promise;
  }

  void send(int version, byte[] json, long leftNs) {
    if (!multiplexer.takesStreams() || !multiplexer.channel().isActive()) {
      promise.tryFailure(StreamFailure.notOpened("the connection takes no more streams", null));
      return;
    }
    var head = RequestHead.empty().method("PUT");
    head.set(RequestHead.UPGRADE, RequestHead.UPDATE_CONFIGURATION);
    var made = multiplexer.request(head, false, this);
    stream = made;
    var prefix = "{\"version\":" + version + ",\"config\":";
    var body =
        Unpooled.wrappedBuffer(prefix.getBytes(StandardCharsets.US_ASCII), json, new byte[] {'}'});
    multiplexer.writeData(made.id(), body, true);
    multiplexer.flushSoon();
    var loop = multiplexer.channel().eventLoop();
    var expiry =
        loop.schedule(
            () -> promise.tryFailure(StreamFailure.timedOut("no answer from the connector")),
            Math.max(0, leftNs),
            TimeUnit.NANOSECONDS);
    promise.addListener(
        done -> {
          expiry.cancel(false);
          if (!done.isSuccess()) {
            made.abandon(Http2Error.CANCEL);
          }
        });
  }

  @Override
  public void onHead(Http2Headers head, boolean end) {
    var status = ResponseHead.status(head);
    if (!status.equals("200")) {
      promise.tryFailure(
          StreamFailure.lost("a configuration was answered with status " + status, null));
    } else if (stream != null) {
      stream.begin(StreamChannel.AtPeersEnd.CLOSE, new Answer());
    }
  }

  @Override
  public void onNoHead(IOException cause, boolean untouched) {
    promise.tryFailure(StreamFailure.lost(String.valueOf(cause.getMessage()), cause));
  }

  /** {@code {"lastAppliedVersion":N,"err":null}}. */
  private final class Answer extends ChannelInboundHandlerAdapter {
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      var octets = (ByteBuf) message;
      try {
        if (text.size() + octets.readableBytes() > MAX_ANSWER_OCTETS) {
          promise.tryFailure(StreamFailure.lost("too long an answer to a configuration", null));
          ctx.close();
          return;
        }
        text.writeBytes(ByteBufUtil.getBytes(octets));
      } finally {
        octets.release();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      try {
        promise.trySuccess(read(text.toByteArray()));
      } catch (JacksonException e) {
        promise.tryFailure(StreamFailure.lost("an answer that is not JSON", e));
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      promise.tryFailure(StreamFailure.lost(String.valueOf(cause.getMessage()), cause));
      ctx.close();
    }
  }

  static ConfigurationOutcome read(byte[] text) {
    var version = -1;
    Optional<String> error = Optional.empty();
    try (var parser = JSON.createParser(tools.jackson.core.ObjectReadContext.empty(), text)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        var name = parser.currentName();
        var value = parser.nextToken();
        if (name.equals("lastAppliedVersion") && value == JsonToken.VALUE_NUMBER_INT) {
          version = parser.getIntValue();
        } else if (name.equals("err") && value != JsonToken.VALUE_NULL) {
          error = Optional.of(value == JsonToken.VALUE_STRING ? parser.getString() : NO_TEXT);
        }
        parser.skipChildren();
      }
    }
    return new ConfigurationOutcome(version, error);
  }
}

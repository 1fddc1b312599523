package io.vpc4j.tunnel.carrier.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.vpc4j.tunnel.carrier.ConfigurationOutcome;
import io.vpc4j.tunnel.carrier.ConnectorCarrierListener;
import io.vpc4j.tunnel.carrier.LastOctets;
import io.vpc4j.tunnel.carrier.Windows;
import io.vpc4j.tunnel.octets.Octets;
import java.io.ByteArrayOutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A configuration that an edge pushes with a request, as the connector takes it. [T] 3.6
 *
 * <p>The answer is {@code {"lastAppliedVersion":N,"err":null}}; in place of null the reason, as
 * text, where the original has an object without any. An edge can only test for null.
 */
final class ConfigurationRequest extends ChannelInboundHandlerAdapter {

  private static final JsonFactory JSON = new JsonFactory();

  private final Multiplexer multiplexer;
  private final int streamId;
  private final ConnectorCarrierListener listener;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private boolean answered;

  ConfigurationRequest(Multiplexer multiplexer, int streamId, ConnectorCarrierListener listener) {
    this.multiplexer = multiplexer;
    this.streamId = streamId;
    this.listener = listener;
  }

  /** What is pushed: a version and the octets of a JSON object. */
  private record Pushed(int version, Octets config) {}

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    var octets = (ByteBuf) message;
    try {
      if (body.size() + octets.readableBytes() > Windows.MAX_MESSAGE_OCTETS) {
        answer(ctx, new ConfigurationOutcome(-1, java.util.Optional.of("it is too large")));
      } else if (!answered) {
        body.writeBytes(ByteBufUtil.getBytes(octets));
      }
    } finally {
      octets.release();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent && !answered) {
      try {
        var pushed = read(body.toByteArray());
        listener.onConfiguration(
            pushed.version(),
            pushed.config().toArray(),
            outcome -> ctx.channel().eventLoop().execute(() -> answer(ctx, outcome)));
      } catch (JacksonException e) {
        var why = "not a version and a configuration: " + e.getOriginalMessage();
        answer(ctx, new ConfigurationOutcome(-1, java.util.Optional.of(why)));
      }
    }
  }

  private static Pushed read(byte[] text) {
    Integer version = null;
    Octets config = null;
    try (var parser = JSON.createParser(ObjectReadContext.empty(), text)) {
      require(parser, parser.nextToken() == JsonToken.START_OBJECT);
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        var name = parser.currentName();
        var value = parser.nextToken();
        if (name.equals("version")) {
          require(parser, value == JsonToken.VALUE_NUMBER_INT);
          version = parser.getIntValue();
        } else if (name.equals("config")) {
          var from = (int) parser.currentTokenLocation().getByteOffset();
          parser.skipChildren();
          var to = (int) parser.currentLocation().getByteOffset();
          config = Octets.of(Arrays.copyOfRange(text, from, to));
        } else {
          parser.skipChildren();
        }
      }
      require(parser, version != null && config != null);
    }
    if (version == null || config == null) {
      throw new AssertionError("refused above");
    }
    return new Pushed(version, config);
  }

  private static void require(JsonParser parser, boolean right) {
    if (!right) {
      throw new tools.jackson.core.exc.StreamReadException(
          parser, "{\"version\":N,\"config\":{...}} is wanted");
    }
  }

  private void answer(ChannelHandlerContext ctx, ConfigurationOutcome outcome) {
    if (answered || !ctx.channel().isActive()) {
      return;
    }
    answered = true;
    var text = new StringWriter();
    try (var json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeNumberProperty("lastAppliedVersion", outcome.lastAppliedVersion());
      if (outcome.error().isPresent()) {
        json.writeStringProperty("err", outcome.error().get());
      } else {
        json.writeNullProperty("err");
      }
      json.writeEndObject();
    }
    var head =
        new DefaultHttp2Headers().status("200").set("content-type", "text/plain; charset=utf-8");
    multiplexer.writeHead(streamId, head, false);
    var octets = text.toString().getBytes(StandardCharsets.UTF_8);
    ctx.writeAndFlush(new LastOctets(Unpooled.wrappedBuffer(octets)))
        .addListener(written -> ctx.close());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}

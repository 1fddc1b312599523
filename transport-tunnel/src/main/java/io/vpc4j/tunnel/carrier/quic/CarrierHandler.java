package io.vpc4j.tunnel.carrier.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicDatagramExtensionEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a {@link QuicCarrier}, which it has made when the handshake is done, what happens. */
final class CarrierHandler extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(CarrierHandler.class);

  private final Function<QuicChannel, QuicCarrier> maker;
  private final Consumer<Throwable> refused;
  private @Nullable QuicCarrier carrier;
  private int maxDatagramOctets;
  private @Nullable String reason;

  /**
   * Waits for the handshake.
   *
   * @param refused hears why TLS did not come about, which the library may say long before the
   *     connection is closed
   */
  CarrierHandler(Function<QuicChannel, QuicCarrier> maker, Consumer<Throwable> refused) {
    this.maker = maker;
    this.refused = refused;
  }

  /** Whether the handshake was done. */
  boolean active() {
    return carrier != null;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    carrier = maker.apply((QuicChannel) context.channel());
    carrier.datagramsTravel(maxDatagramOctets);
    carrier.begin();
    context.fireChannelActive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof QuicDatagramExtensionEvent extension) {
      maxDatagramOctets = extension.maxLength();
      if (carrier != null) {
        carrier.datagramsTravel(maxDatagramOctets);
      }
    } else if (event instanceof SslHandshakeCompletionEvent handshake && !handshake.isSuccess()) {
      refused.accept(handshake.cause());
    } else if (event instanceof QuicConnectionCloseEvent close) {
      reason = closedByPeer(close);
    }
    context.fireUserEventTriggered(event);
  }

  private static String closedByPeer(QuicConnectionCloseEvent close) {
    var text = reasonOf(close);
    return "closed by the peer, code "
        + close.error()
        + (close.isApplicationClose() ? "" : " of the transport")
        + (text.isEmpty() ? "" : ": " + text);
  }

  private static String reasonOf(QuicConnectionCloseEvent close) {
    try {
      return new String(close.reason(), StandardCharsets.UTF_8);
    } catch (NullPointerException e) {
      return ""; // the library's way of saying that there is none
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof ByteBuf datagram) {
      try {
        if (carrier != null) {
          carrier.received(datagram);
        }
      } finally {
        datagram.release();
      }
    } else {
      context.fireChannelRead(message); // a stream, which the library registers at the tail
    }
  }

  /** A stream of the peer, at its registration. */
  void incoming(QuicStreamChannel stream) {
    if (carrier == null) {
      stream.close();
    } else {
      carrier.incoming(carrier.link(stream));
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (carrier != null) {
      var timedOut = ((QuicChannel) context.channel()).isTimedOut();
      carrier.connectionClosed(
          reason != null ? reason : timedOut ? "nothing was heard for 5 s" : "closed");
    }
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("{}: {}", carrier == null ? "a handshake" : carrier, cause.toString());
    if (reason == null && carrier != null) {
      reason = cause.toString();
    }
  }
}

package io.vpc4j.tunnel.carrier.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.tunnel.carrier.ConnectorCarrier;
import io.vpc4j.tunnel.carrier.ConnectorCarrierListener;
import io.vpc4j.tunnel.stream.Preamble;
import io.vpc4j.tunnel.stream.StreamOpening;
import java.io.IOException;

/** A QUIC connection to an edge, as the connector has it. [C] 4 */
final class QuicConnectorCarrier extends QuicCarrier implements ConnectorCarrier {

  /**
   * A datagram that both versions read as a payload of no octets for a session that nobody has, and
   * drop: the library has no call for a PING, and the peer must hear of us every second ([C] 4.1).
   * {@code 01} and a request id of zeros in version 3; in version 2, from the end, {@code 00} and a
   * session id.
   */
  private static final byte[] STILL_HERE = new byte[17];

  static {
    STILL_HERE[0] = 1;
  }

  private final ConnectorCarrierListener listener;
  private final Promise<ConnectorCarrier> dialled;

  /** Completes {@code dialled} once it has its control stream, or can have none. */
  QuicConnectorCarrier(
      QuicChannel quic,
      BatchHandler batch,
      Ticker ticker,
      ConnectorCarrierListener listener,
      Promise<ConnectorCarrier> dialled) {
    super(quic, batch, ticker);
    this.listener = listener;
    this.dialled = dialled;
  }

  /**
   * Opens the control stream, which is the first of the connection ([C] 4.2): nobody has this
   * carrier before that.
   */
  @Override
  void begun() {
    // From a task: the library learns how many streams there may be just after it says it is
    // active.
    eventLoop().execute(this::createControl);
  }

  private void createControl() {
    if (dialled.isDone()) {
      close("the dial was given up");
    } else {
      createStream(
          this::openControl, failure -> close("no control stream: " + failure.getMessage()));
    }
  }

  private void openControl(StreamLink link) {
    var control = new CarriedStream(link, Unpooled.EMPTY_BUFFER);
    control.register();
    listener.onControlStream(this, control);
    control.activate();
    if (!dialled.trySuccess(this)) {
      close("the dial was given up");
    }
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
  void incoming(StreamLink link) {
    count(link);
    link.to(new OpeningReader(link, (opening, rest) -> opened(link, opening, rest)));
    link.read();
  }

  private void opened(StreamLink link, StreamOpening opening, ByteBuf rest) {
    var stream = new CarriedStream(link, rest);
    if (opening instanceof StreamOpening.Data data) {
      stream.config().setAllowHalfClosure(true);
      stream.register();
      listener.onRequest(new QuicIncomingStream(data.request(), stream));
    } else {
      stream.register();
      listener.onRpcStream(stream);
      stream.activate();
    }
  }

  @Override
  void datagram(ByteBuf datagram) {
    listener.onDatagram(datagram);
  }

  @Override
  void stillHere() {
    if (carriesDatagrams()) {
      sendDatagram(Unpooled.directBuffer(STILL_HERE.length).writeBytes(STILL_HERE));
    }
  }

  @Override
  void closed(String reason) {
    if (!dialled.tryFailure(new IOException(reason))) {
      listener.onClosed(reason);
    }
  }
}

package io.vpc4j.core.fetch.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameMaskGenerator;
import io.vpc4j.core.fetch.exchange.EarlyOctets;
import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One open WebSocket, the client's end. Safe for use by many threads, as far as {@link WebSocket}
 * lets them: one text or binary send at a time, and one ping or pong.
 *
 * <p><b>Bounds.</b> A frame of the far end holds at most {@link #MAX_FRAME_OCTETS}; a larger one
 * ends the connection with 1009. Messages have none: they are given out in parts. Of pings that
 * come faster than pongs can be written, the latest is answered. RFC 6455 5.5.3
 *
 * <p><b>Ends.</b> A far end that leaves without a close is heard of as {@code onClose} with 1006,
 * RFC 6455 7.1.5, as the JDK's own WebSocket has it; one that is cut off (a reset, a write that
 * fails) as {@code onError}. Whoever must know of a far end that is merely silent sends pings.
 *
 * <p><b>Deadlines.</b> Once a close was sent, or received, the far end has {@link #CLOSE_SECONDS}
 * to do its part; then the connection is closed.
 */
final class ClientWebSocket implements EndingWebSocket {

  /** 16 MiB. */
  static final int MAX_FRAME_OCTETS = 16 << 20;

  /** Of the closing handshake: 10 s. */
  static final int CLOSE_SECONDS = 10;

  private static final int MAX_CONTROL_OCTETS = 125; // RFC 6455 5.5
  private static final int MAX_REASON_OCTETS = MAX_CONTROL_OCTETS - 2;
  private static final int NO_STATUS = 1005;
  private static final int ABNORMAL = 1006;
  private static final int NORMAL = 1000;

  /** More than we hold. */
  static final int TOO_MUCH = WebSocketCloseStatus.MESSAGE_TOO_BIG.code();

  /** The listener failed. */
  static final int UNEXPECTED = 1011;

  /** No status code, and no close frame. */
  static final int SILENT = 0;

  /** Not for an application to send, as {@link WebSocket#sendClose} has it. */
  private static final Set<Integer> RESERVED =
      Set.of(1002, 1003, 1005, 1006, 1007, 1009, 1010, 1012, 1013, 1015);

  private enum Message {
    NONE,
    TEXT,
    BINARY
  }

  private final Channel channel;
  private final String subprotocol;
  private final Incoming incoming;
  private final AtomicBoolean outputClosed = new AtomicBoolean();
  private final AtomicBoolean sending = new AtomicBoolean();
  private final AtomicBoolean sendingControl = new AtomicBoolean();
  private volatile boolean inputClosed;

  // Of the sender, which is one at a time: see sending
  private Message message = Message.NONE;
  private char highSurrogate; // the end of the part before, if it was half a pair

  // On the event loop
  private boolean answering;
  private @Nullable ByteBuf nextAnswer;

  ClientWebSocket(Channel channel, String subprotocol, Listener listener, Executor executor) {
    this.channel = channel;
    this.subprotocol = subprotocol;
    incoming = new Incoming(this, Objects.requireNonNull(listener), executor);
  }

  /**
   * Takes the channel over.
   *
   * @param masks unpredictable to whoever chooses the payload. RFC 6455 5.3
   */
  void begin(EarlyOctets early, WebSocketFrameMaskGenerator masks) {
    try {
      channel.eventLoop().execute(() -> beginOnLoop(early, masks));
    } catch (RejectedExecutionException e) { // the loops have ended, and the channel with them
      early.drop();
      outputClosed.set(true);
      incoming.begin();
      incoming.offer(new Event.Close(ABNORMAL, ""));
    }
  }

  private void beginOnLoop(EarlyOctets early, WebSocketFrameMaskGenerator masks) {
    var decoder =
        new WebSocket13FrameDecoder(
            WebSocketDecoderConfig.newBuilder()
                .expectMaskedFrames(false)
                .allowExtensions(false)
                .allowMaskMismatch(false)
                .maxFramePayloadLength(MAX_FRAME_OCTETS)
                .closeOnProtocolViolation(false)
                .build());
    var frames = new FrameHandler(this, incoming);
    channel.pipeline().addLast(decoder, new WebSocket13FrameEncoder(masks), frames);
    if (!channel.isActive()) {
      outputClosed.set(true); // before a ping would be answered
    }
    incoming.begin();
    var context = Objects.requireNonNull(channel.pipeline().context(decoder));
    var failure = early.handOver(octets -> feed(context, decoder, octets));
    if (failure != null) {
      incoming.connectionFailed(failure);
    }
    if (!channel.isActive()) {
      frames.ended();
      channel.pipeline().remove(decoder); // it may hold the beginning of a frame
    }
  }

  private static void feed(
      ChannelHandlerContext context, WebSocket13FrameDecoder decoder, ByteBuf octets) {
    try {
      decoder.channelRead(context, octets);
      decoder.channelReadComplete(context);
    } catch (Exception e) {
      context.fireExceptionCaught(e);
    }
  }

  // ---- sends

  @Override
  public CompletableFuture<WebSocket> sendText(CharSequence data, boolean last) {
    var text = data.toString();
    return send(Message.TEXT, last, () -> Unpooled.wrappedBuffer(encode(text, last)), () -> {});
  }

  @Override
  public CompletableFuture<WebSocket> sendBinary(ByteBuffer data, boolean last) {
    var octets = data.duplicate(); // in the order of the network, whatever the application's is
    return send(
        Message.BINARY,
        last,
        () -> Unpooled.wrappedBuffer(octets),
        () -> data.position(data.limit()));
  }

  /** Makes the payload. */
  @FunctionalInterface
  private interface Payload {
    ByteBuf make() throws IOException;
  }

  private CompletableFuture<WebSocket> send(
      Message kind, boolean last, Payload payload, Runnable onSent) {
    if (outputClosed.get()) {
      return closedAlready();
    }
    if (!sending.compareAndSet(false, true)) {
      return CompletableFuture.failedFuture(new IllegalStateException("Send pending"));
    }
    ByteBuf octets;
    boolean first;
    try {
      if (message != Message.NONE && message != kind) {
        throw new IllegalStateException("a " + message + " message is not yet complete");
      }
      octets = payload.make();
      first = message == Message.NONE;
      message = last ? Message.NONE : kind;
    } catch (IllegalStateException | IOException e) {
      sending.set(false);
      return CompletableFuture.failedFuture(e);
    }
    WebSocketFrame frame =
        !first
            ? new ContinuationWebSocketFrame(last, 0, octets)
            : kind == Message.TEXT
                ? new TextWebSocketFrame(last, 0, octets)
                : new BinaryWebSocketFrame(last, 0, octets);
    return write(frame, sending, onSent);
  }

  /** A pair whose halves lie in two parts is sent with the second. */
  private byte[] encode(String part, boolean last) throws IOException {
    var text = highSurrogate == 0 ? part : highSurrogate + part;
    var held = '\0';
    if (!last && !text.isEmpty() && Character.isHighSurrogate(text.charAt(text.length() - 1))) {
      held = text.charAt(text.length() - 1);
      text = text.substring(0, text.length() - 1);
    }
    if (!wellFormed(text)) {
      throw new IOException("malformed UTF-16: half a surrogate pair");
    }
    highSurrogate = held;
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Whether every surrogate has its other half. */
  private static boolean wellFormed(String text) {
    for (var i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (i + 1 == text.length()
            || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  @Override
  public CompletableFuture<WebSocket> sendPing(ByteBuffer message) {
    return sendControl(message, true);
  }

  @Override
  public CompletableFuture<WebSocket> sendPong(ByteBuffer message) {
    return sendControl(message, false);
  }

  private CompletableFuture<WebSocket> sendControl(ByteBuffer message, boolean ping) {
    if (message.remaining() > MAX_CONTROL_OCTETS) {
      return CompletableFuture.failedFuture(
          new IllegalArgumentException("at most 125 octets, not " + message.remaining()));
    }
    if (outputClosed.get()) {
      return closedAlready();
    }
    if (!sendingControl.compareAndSet(false, true)) {
      return CompletableFuture.failedFuture(new IllegalStateException("Send pending"));
    }
    var octets = Unpooled.copiedBuffer(message); // it is small: it need not be lent
    message.position(message.limit());
    return write(
        ping ? new PingWebSocketFrame(octets) : new PongWebSocketFrame(octets),
        sendingControl,
        () -> {});
  }

  @Override
  public CompletableFuture<WebSocket> sendClose(int statusCode, String reason) {
    var octets = ByteBufUtil.utf8Bytes(reason);
    if (!mayBeSent(statusCode)) {
      return CompletableFuture.failedFuture(
          new IllegalArgumentException("not for an application to send: " + statusCode));
    }
    if (octets > MAX_REASON_OCTETS) {
      return CompletableFuture.failedFuture(
          new IllegalArgumentException("a reason of " + octets + " octets; 123 are allowed"));
    }
    if (!wellFormed(reason)) {
      return CompletableFuture.failedFuture(
          new IllegalArgumentException("the reason is malformed UTF-16"));
    }
    if (!outputClosed.compareAndSet(false, true)) {
      return closedAlready();
    }
    endWithin(CLOSE_SECONDS);
    return write(new CloseWebSocketFrame(statusCode, reason), new AtomicBoolean(), () -> {});
  }

  /** Also not those that no registry has a meaning for. RFC 6455 7.4 */
  private static boolean mayBeSent(int statusCode) {
    return statusCode <= 4999
        && WebSocketCloseStatus.isValidStatusCode(statusCode)
        && statusCode >= NORMAL
        && !RESERVED.contains(statusCode);
  }

  private CompletableFuture<WebSocket> write(
      WebSocketFrame frame, AtomicBoolean pending, Runnable onSent) {
    var sent = new CompletableFuture<WebSocket>();
    channel
        .writeAndFlush(frame)
        .addListener(
            written -> {
              if (written.isSuccess()) {
                onSent.run();
              }
              pending.set(false);
              if (written.isSuccess()) {
                incoming.execute(() -> sent.complete(this));
              } else {
                var why = new IOException("the WebSocket could not be written", written.cause());
                incoming.execute(() -> sent.completeExceptionally(why));
                incoming.connectionFailed(why);
              }
            });
    return sent;
  }

  private static CompletableFuture<WebSocket> closedAlready() {
    return CompletableFuture.failedFuture(new IOException("Output closed"));
  }

  // ---- the rest of the contract

  @Override
  public void request(long n) {
    if (n <= 0) {
      throw new IllegalArgumentException("non-positive request: " + n);
    }
    incoming.request(n);
  }

  @Override
  public String getSubprotocol() {
    return subprotocol;
  }

  @Override
  public boolean isOutputClosed() {
    return outputClosed.get();
  }

  @Override
  public boolean isInputClosed() {
    return inputClosed;
  }

  @Override
  public void abort() {
    outputClosed.set(true);
    inputClosed = true;
    incoming.abort();
    channel.close();
  }

  @Override
  public void whenEnded(Runnable action) {
    channel.closeFuture().addListener(closed -> action.run());
  }

  @Override
  public void fail(IOException why) {
    incoming.connectionFailed(why);
  }

  // ---- what the way in asks for

  void read() {
    channel.read();
  }

  void inputIsClosed() {
    inputClosed = true;
  }

  /** Answers a ping. On the event loop. */
  void answer(ByteBuf message) {
    if (outputClosed.get()) {
      return;
    }
    if (answering) {
      if (nextAnswer != null) {
        nextAnswer.release();
      }
      nextAnswer = message.copy();
      return;
    }
    answering = true;
    channel
        .writeAndFlush(new PongWebSocketFrame(message.retainedDuplicate()))
        .addListener(
            written -> {
              answering = false;
              var next = nextAnswer;
              nextAnswer = null;
              if (next != null) {
                if (written.isSuccess()) {
                  answer(next);
                }
                next.release();
              }
              if (!written.isSuccess()) {
                incoming.connectionFailed(
                    new IOException("a pong could not be written", written.cause()));
              }
            });
  }

  /**
   * The far end's close has come: the connection is to end soon, whoever replies to it. That it
   * does is to be noticed, so reading goes on; the decoder drops what may come. On the event loop.
   */
  void farEndClosed() {
    endWithin(CLOSE_SECONDS);
    channel.config().setAutoRead(true);
  }

  /** Closes our direction in reply to a close, unless that was done. RFC 6455 5.5.1 */
  void reply(int statusCode) {
    if (takeOutput()) {
      var code = statusCode == NO_STATUS ? NORMAL : statusCode;
      channel.writeAndFlush(new CloseWebSocketFrame(code, ""));
    }
  }

  /** Whether the caller is the one who closes the output. */
  boolean takeOutput() {
    return outputClosed.compareAndSet(false, true);
  }

  /** Says why, unless {@link #SILENT}, and closes the channel. RFC 6455 7.1.7 */
  void disconnect(int statusCode) {
    if (statusCode == SILENT) {
      channel.close();
      return;
    }
    channel
        .writeAndFlush(new CloseWebSocketFrame(statusCode, ""))
        .addListener(written -> channel.close());
    endWithin(CLOSE_SECONDS);
  }

  private void endWithin(int seconds) {
    var timer = channel.eventLoop().schedule(() -> channel.close(), seconds, TimeUnit.SECONDS);
    channel.closeFuture().addListener(closed -> timer.cancel(false));
  }
}

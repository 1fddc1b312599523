package io.vpc4j.core.fetch.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.HeaderListSizeException;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.vpc4j.Headers;
import io.vpc4j.VpcException;
import io.vpc4j.core.fetch.exchange.Exchange;
import io.vpc4j.core.fetch.exchange.Exchange.Again;
import io.vpc4j.core.fetch.exchange.HttpConnection;
import io.vpc4j.core.fetch.exchange.ResponseHead;
import io.vpc4j.core.net.Ticker;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection, many exchanges. RFC 9113
 *
 * <p><b>The way of a small GET</b>, top to bottom: {@link #start} on the caller's thread; {@link
 * #begin} on the loop, one HEADERS frame; {@link #onHeadersRead}, {@link #onDataRead}; {@link
 * #finish}; and the caller is woken in {@link #onReadComplete}, once for all that one read brought.
 *
 * <p><b>Windows.</b> A stream's window is {@link io.vpc4j.Limits#readWindowOctets} and grows back
 * only as the application takes octets ({@link #consumed}), so a stalled reader holds one window
 * and stalls nobody else. The connection's own window is as large as there is: it would bound the
 * sum, and the sum is bounded already, by windows times streams. Left at 64 KiB it would let one
 * stalled stream stall all.
 *
 * <p><b>Retries.</b> What the peer says it did not act on (REFUSED_STREAM, a stream above a
 * GOAWAY's last) may be sent again whatever it is. RFC 9113 8.7
 *
 * <p>Departs from HTTP/1.1's handling of {@code Expect: 100-continue}: the field is sent and not
 * waited for, which RFC 9110 10.1.1 allows; a peer that does not want the body resets the stream.
 */
final class Http2Connection extends Http2EventAdapter implements HttpConnection {

  /** Our own bound, where a peer may allow 2^31. Times a window each: what a stall can hold. */
  static final int MAX_STREAMS = 256;

  /** Until the peer's SETTINGS say otherwise; RFC 9113 6.5.2 asks for no fewer. */
  private static final int FIRST_MAX_STREAMS = 100;

  private final Channel channel;
  private final Listener listener;
  private final Ticker ticker;

  // Confined to the loop, but for reads of the sweeper's thread.
  private final Map<Exchange, Http2Stream> streams = new ConcurrentHashMap<>();
  private final ArrayDeque<Http2Stream> touched = new ArrayDeque<>();
  private @Nullable Http2Handler handler;
  private @Nullable ChannelHandlerContext context;
  private @Nullable Http2Windows windows;
  private io.netty.handler.codec.http2.Http2Connection.@Nullable PropertyKey key;
  private volatile int maxStreams = FIRST_MAX_STREAMS;
  private volatile boolean draining;
  private int goAwayLastStream = Integer.MAX_VALUE;
  private boolean settingsSeen;
  private boolean served;
  private boolean closed;
  private @Nullable Throwable failure;

  Http2Connection(Channel channel, Listener listener, Ticker ticker) {
    this.channel = channel;
    this.listener = listener;
    this.ticker = ticker;
  }

  void attach(Http2Handler handler, ChannelHandlerContext context) {
    this.handler = handler;
    this.context = context;
    windows = new Http2Windows(handler);
    key = handler.connection().newKey();
    handler.connection().addListener(this);
    handler
        .encoder()
        .flowController()
        .listener(
            changed -> {
              var stream = ours(changed);
              if (stream != null) {
                stamp(stream);
                if (isWritable(stream)) {
                  stream.onWritable();
                }
              }
            });
  }

  void growConnectionWindow() {
    windows().open(required(context));
  }

  // ---- outbound: from the engine

  @Override
  public Channel channel() {
    return channel;
  }

  @Override
  public int capacity() {
    return draining ? 0 : maxStreams;
  }

  @Override
  public void start(Exchange exchange) {
    if (channel.eventLoop().inEventLoop()) {
      begin(exchange);
    } else {
      channel.eventLoop().execute(() -> begin(exchange));
    }
  }

  private void begin(Exchange exchange) {
    var id = closed || draining ? -1 : handler().connection().local().incrementAndGetNextStreamId();
    if (id < 0) { // closed, going away, or out of numbers: RFC 9113 5.1.1
      draining = true;
      exchange.onFailure(Http2Failures.takesNoMore(failure), Again.ALWAYS);
      exchange.onReadComplete();
      listener.onExchangeEnd(this);
      return;
    }
    if (!exchange.onStart()) {
      listener.onExchangeEnd(this);
      return;
    }
    var stream = new Http2Stream(this, exchange, id);
    streams.put(exchange, stream);
    var fields = Http2Fields.request(exchange);
    var written =
        handler()
            .encoder()
            .writeHeaders(
                required(context), id, fields, 0, !stream.uploading(), channel.newPromise());
    var opened = handler().connection().stream(id);
    if (opened == null) {
      notOpened(stream, written.cause());
      return;
    }
    opened.setProperty(key(), stream);
    written.addListener(
        done -> {
          if (!done.isSuccess()) {
            end(stream, Http2Failures.takesNoMore(failure), Again.NEVER);
          }
        });
    required(context).flush();
    stamp(stream);
    stream.startUpload();
  }

  /** The encoder did not open it: the peer allows no such head, or no more streams for now. */
  private void notOpened(Http2Stream stream, @Nullable Throwable cause) {
    if (cause instanceof HeaderListSizeException) {
      end(stream, Http2Failures.headTooLarge(cause), Again.NEVER);
    } else {
      end(stream, Http2Failures.takesNoMore(cause), Again.ALWAYS); // RFC 9113 5.1.2
    }
    stream.exchange.onReadComplete();
    listener.onExchangeEnd(this);
  }

  @Override
  public void cancel(Exchange exchange, VpcException why) {
    if (!channel.eventLoop().inEventLoop()) {
      channel.eventLoop().execute(() -> cancel(exchange, why));
      return;
    }
    var stream = streams.get(exchange);
    if (stream != null) {
      abort(stream, Http2Error.CANCEL, why);
      exchange.onReadComplete();
    }
  }

  @Override
  public void consumed(Exchange exchange, int octets) {
    exchange.buffered(-octets);
    if (channel.eventLoop().inEventLoop()) {
      replenish(exchange, octets);
    } else {
      channel.eventLoop().execute(() -> replenish(exchange, octets));
    }
  }

  private void replenish(Exchange exchange, int octets) {
    var stream = streams.get(exchange);
    if (stream == null) {
      return;
    }
    try {
      if (windows().consumed(stream.id, octets)) {
        required(context).flush();
      }
      stamp(stream);
    } catch (Http2Exception e) {
      onConnectionError(e);
      channel.close();
    }
  }

  @Override
  public void drain() {
    draining = true;
    if (!channel.eventLoop().inEventLoop()) {
      channel.eventLoop().execute(this::drain);
    } else if (streams.isEmpty()) {
      channel.close();
    }
  }

  @Override
  public void close() {
    draining = true;
    if (!channel.eventLoop().inEventLoop()) {
      channel.eventLoop().execute(this::close);
      return;
    }
    endAll(Http2Failures.closedHere());
    channel.close();
  }

  // ---- the body of a request

  boolean isWritable(Http2Stream stream) {
    return windows().writable(stream.id);
  }

  void writeData(Http2Stream stream, ByteBuf octets, boolean endOfStream) {
    handler()
        .encoder()
        .writeData(required(context), stream.id, octets, 0, endOfStream, channel.newPromise())
        .addListener(written -> stamp(stream));
    stamp(stream);
  }

  /** Through Netty's handler, which hands on what the windows have room for, and not past it. */
  void flush() {
    handler().flush(required(context));
  }

  void onWritabilityChanged() {
    if (channel.isWritable()) {
      for (var stream : List.copyOf(streams.values())) {
        if (isWritable(stream)) {
          stream.onWritable();
        }
      }
    }
  }

  // ---- inbound: from the far end

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int streamId,
      Http2Headers headers,
      int streamDependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean endOfStream) {
    onHeadersRead(ctx, streamId, headers, padding, endOfStream);
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int streamId,
      Http2Headers headers,
      int padding,
      boolean endOfStream) {
    var stream = ours(streamId);
    if (stream == null) {
      return;
    }
    touch(stream);
    try {
      if (stream.headSeen) {
        if (!endOfStream) {
          throw Http2Fields.malformed("fields follow its body and do not end it");
        }
        finish(stream, Http2Fields.received(headers));
        return;
      }
      var status = Http2Fields.status(headers);
      if (status < 200) {
        if (endOfStream || status == 101) {
          throw Http2Fields.malformed("its status is " + status); // RFC 9113 8.1 and 8.6
        }
        return;
      }
      stream.headSeen = true;
      stream.owesOctets = Http2Fields.promisesOctets(headers, status, stream.exchange.method());
      stream.exchange.onHead(new ResponseHead(status, "", Http2Fields.received(headers), "HTTP/2"));
      if (endOfStream) {
        finish(stream, Headers.empty());
      }
    } catch (VpcException e) {
      abort(stream, Http2Error.PROTOCOL_ERROR, e);
    }
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream) {
    var stream = ours(streamId);
    var octets = data.readableBytes();
    if (stream == null) {
      return octets + padding;
    }
    if (!stream.headSeen) {
      abort(stream, Http2Error.PROTOCOL_ERROR, Http2Fields.malformed("its body precedes its head"));
    } else if (octets > 0) {
      stream.owesOctets = false; // of their number Netty keeps account
      stream.exchange.buffered(octets);
      stream.exchange.onData(data.retain());
    }
    touch(stream);
    if (endOfStream) {
      finish(stream, Headers.empty());
      return octets + padding; // nobody needs this stream's window any more
    }
    return stream.headSeen ? padding : octets + padding;
  }

  /** Room is progress, though what waits for it may not be through yet. */
  @Override
  public void onWindowUpdateRead(ChannelHandlerContext ctx, int streamId, int increment) {
    for (var stream : streams.values()) {
      if ((streamId == 0 ? windows().open(stream.id) : streamId == stream.id)
          && windows().sending(stream.id)) {
        stamp(stream);
      }
    }
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long errorCode) {
    var stream = ours(streamId);
    if (stream == null) {
      return;
    }
    touch(stream);
    var refused = errorCode == Http2Error.REFUSED_STREAM.code();
    var name = Http2Error.valueOf(errorCode);
    end(
        stream,
        Http2Failures.ended(
            stream,
            "The stream was reset: " + (name == null ? "code " + errorCode : name) + ".",
            null),
        refused && !stream.headSeen ? Again.ALWAYS : Again.NEVER);
  }

  @Override
  public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) {
    var allowed = settings.maxConcurrentStreams();
    var bounded = allowed == null ? maxStreams : (int) Math.min(allowed, MAX_STREAMS);
    if (allowed == null && !settingsSeen) {
      bounded = MAX_STREAMS; // no bound of the peer's: ours
    }
    settingsSeen = true;
    if (bounded != maxStreams) {
      maxStreams = bounded;
      listener.onCapacityChange(this);
    }
  }

  @Override
  public void onGoAwayReceived(int lastStreamId, long errorCode, ByteBuf debugData) {
    goAwayLastStream = lastStreamId;
    draining = true;
    for (var stream : List.copyOf(streams.values())) {
      if (stream.id > lastStreamId) {
        end(stream, Http2Failures.takesNoMore(failure), Again.ALWAYS);
        touch(stream);
      }
    }
    listener.onCapacityChange(this);
    onReadComplete();
    if (streams.isEmpty()) {
      channel.close();
    }
  }

  /**
   * Netty's stream is over, and its place free. Not before: of a stream that was still being closed
   * Netty would say that the peer allows no other.
   */
  @Override
  public void onStreamClosed(io.netty.handler.codec.http2.Http2Stream closing) {
    var stream = (Http2Stream) closing.getProperty(key());
    if (stream == null) {
      return;
    }
    if (!stream.over) {
      endLost(stream);
      touch(stream);
    }
    if (!closed) {
      listener.onExchangeEnd(this);
      if (draining && streams.isEmpty()) {
        channel.close();
      }
    }
  }

  void onReadComplete() {
    for (var stream = touched.poll(); stream != null; stream = touched.poll()) {
      stream.touched = false;
      stream.exchange.onReadComplete();
    }
  }

  private void touch(Http2Stream stream) {
    stamp(stream);
    if (!stream.touched) {
      stream.touched = true;
      touched.add(stream);
    }
  }

  // ---- ends

  /** The response is complete. A body still on its way is given up: RFC 9113 8.1 */
  private void finish(Http2Stream stream, Headers trailers) {
    if (stream.owesOctets) {
      abort(stream, Http2Error.PROTOCOL_ERROR, Http2Fields.malformed("its body is missing"));
      return;
    }
    if (leave(stream)) {
      served = true;
      if (windows().sending(stream.id)) {
        reset(stream, Http2Error.NO_ERROR);
      }
      stream.exchange.onEnd(trailers);
    }
  }

  /**
   * Over for {@code why} first: a reset fails what is queued, which is told as an error as well.
   */
  private void abort(Http2Stream stream, Http2Error code, VpcException why) {
    if (leave(stream)) {
      reset(stream, code);
      stream.exchange.onFailure(why, Again.NEVER);
    }
  }

  private void end(Http2Stream stream, VpcException why, Again again) {
    if (leave(stream)) {
      stream.exchange.onFailure(why, again);
    }
  }

  private void endLost(Http2Stream stream) {
    var again =
        stream.id > goAwayLastStream
            ? Again.ALWAYS
            : served && !stream.headSeen ? Again.IF_IDEMPOTENT : Again.NEVER;
    end(stream, Http2Failures.ended(stream, "The connection ended.", failure), again);
  }

  private void endAll(VpcException why) {
    for (var stream : List.copyOf(streams.values())) {
      end(stream, why, Again.NEVER);
      touch(stream);
    }
    onReadComplete();
  }

  private boolean leave(Http2Stream stream) {
    if (stream.over) {
      return false;
    }
    stream.over = true;
    stream.stopUpload();
    streams.remove(stream.exchange);
    return true;
  }

  private void reset(Http2Stream stream, Http2Error code) {
    handler().resetStream(required(context), stream.id, code.code(), channel.newPromise());
    required(context).flush();
  }

  void onInactive() {
    if (closed) {
      return;
    }
    closed = true;
    draining = true;
    for (var stream : List.copyOf(streams.values())) {
      endLost(stream);
      touch(stream);
    }
    onReadComplete();
    listener.onClosed(this);
  }

  void onIoFailure(Throwable cause) {
    failure = failure == null ? cause : failure;
  }

  /** Netty closes the channel next; what is not a breach of HTTP/2 is told when it has. */
  void onConnectionError(Throwable cause) {
    onIoFailure(cause);
    draining = true;
    if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) != null) {
      endAll(Http2Failures.broken(cause));
    }
  }

  void onStreamError(StreamException cause) {
    var stream = ours(cause.streamId());
    if (stream != null) {
      end(stream, Http2Failures.malformed(cause), Again.NEVER);
      touch(stream);
    }
  }

  // ---- time

  private void stamp(Http2Stream stream) {
    var sending = windows().sending(stream.id);
    var owed = !sending && !windows().full(stream.id);
    stream.exchange.progress(ticker.nowNs(), sending, owed);
  }

  @Override
  public long dueNs() {
    var due = Long.MAX_VALUE;
    for (var exchange : streams.keySet()) {
      due = Exchange.sooner(due, exchange.dueNs());
    }
    return due;
  }

  @Override
  public void onDue(long nowNs) {
    if (!channel.eventLoop().inEventLoop()) {
      channel.eventLoop().execute(() -> onDue(nowNs));
      return;
    }
    for (var exchange : List.copyOf(streams.keySet())) {
      var late = exchange.lateness(nowNs);
      if (late != null) {
        cancel(exchange, late);
      }
    }
  }

  // ---- facts

  private @Nullable Http2Stream ours(int streamId) {
    var stream = handler().connection().stream(streamId);
    return stream == null ? null : ours(stream);
  }

  private @Nullable Http2Stream ours(io.netty.handler.codec.http2.Http2Stream stream) {
    var ours = (Http2Stream) stream.getProperty(key());
    return ours == null || ours.over ? null : ours;
  }

  private Http2Handler handler() {
    return required(handler);
  }

  private Http2Windows windows() {
    return required(windows);
  }

  private io.netty.handler.codec.http2.Http2Connection.PropertyKey key() {
    return required(key);
  }

  private static <T> T required(@Nullable T attached) {
    if (attached == null) {
      throw new IllegalStateException("not in a pipeline yet");
    }
    return attached;
  }
}

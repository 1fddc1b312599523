package io.vpc4j.tunnel.carrier.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import io.vpc4j.tunnel.carrier.Trailers;
import io.vpc4j.tunnel.carrier.Windows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection, in either role: frames to streams, and back. RFC 9113
 *
 * <p>The roles are not those of the TCP connection: whoever accepted it, the edge, is HTTP/2's
 * client ([T] 3.1). Netty's codec does the frames, the header compression and the peer's windows;
 * here are the streams' channels, our windows ({@link Windows}) and the end of streams.
 *
 * <p>Confined to the connection's loop.
 */
final class Multiplexer extends Http2ConnectionHandler {

  /** HTTP/2's roles. */
  enum Role {
    /** Makes requests: the edge. */
    CLIENT,
    /** Answers them: the connector. */
    SERVER
  }

  /** Of the longest list of header fields that is read. */
  static final int MAX_HEADERS_OCTETS = 256 << 10;

  /** Of the longest frame that is read. */
  private static final int MAX_FRAME_OCTETS = 64 << 10;

  /**
   * Streams that an edge may reset in {@link #RESETS_SECONDS}: as many as its users give up. The
   * codec's own limit, 200 in 30 s, ends the connection of a busy one.
   */
  private static final int MAX_RESETS = 10_000;

  private static final int RESETS_SECONDS = 10;

  /** What one stream sends before another has its turn. */
  private static final int TURN_OCTETS = 16 << 10;

  /** What the connection tells its owner, on the loop. */
  interface Owner {
    /** The peer opens a stream; only a server hears of it. */
    void onRequest(MultiplexedStream stream, Http2Headers head, boolean end);

    /** A PING of ours is answered. */
    void onPong(long payload);

    /** The time, of the clock of every deadline. */
    long nowNs();

    /** How long to wait for the peer's end of a stream that was ended and closed here. */
    long lingerNs();

    /** Octets have come: the peer lives. */
    void onRead();

    /** The peer takes no more streams. */
    void onGoingAway(String why);

    /** The connection is closed; the last call. */
    void onClosed(String why);
  }

  /** Who waits for the head of a stream: the response of one we opened. */
  interface HeadListener {
    /** The head has come; 1xx have been passed over. */
    void onHead(Http2Headers head, boolean end);

    /**
     * The stream ended before it.
     *
     * @param untouched whether the peer says that it did nothing about the request
     */
    void onNoHead(IOException cause, boolean untouched);
  }

  private final Owner owner;
  private final Http2Connection.PropertyKey key;
  private final ArrayDeque<StreamChannel> withNews = new ArrayDeque<>();
  private final Calm calm = new Calm();
  private @Nullable ChannelHandlerContext ctx;
  private boolean reading;
  private int grantedOctets;
  private @Nullable String closeReason;
  private boolean goingAway;

  private Multiplexer(
      Owner owner,
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings settings) {
    super(decoder, encoder, settings);
    this.owner = owner;
    key = connection().newKey();
    connection().addListener(new StreamsEnd());
  }

  /** A handler to be added to the pipeline once the TLS handshake is done. */
  static Multiplexer create(Role role, Owner owner) {
    return new Builder(role, owner).build();
  }

  private static final class Builder
      extends AbstractHttp2ConnectionHandlerBuilder<Multiplexer, Builder> {
    private final Owner owner;

    Builder(Role role, Owner owner) {
      this.owner = owner;
      var connection = new DefaultHttp2Connection(role == Role.SERVER);
      // Credit of the connection is returned on arrival: Windows says why.
      connection
          .local()
          .flowController(new DefaultHttp2LocalFlowController(connection, 0.5f, true));
      var turns = new UniformStreamByteDistributor(connection);
      turns.minAllocationChunk(TURN_OCTETS);
      connection.remote().flowController(new DefaultHttp2RemoteFlowController(connection, turns));
      var settings =
          Http2Settings.defaultSettings()
              .initialWindowSize(Windows.STREAM_INITIAL_OCTETS)
              .maxFrameSize(MAX_FRAME_OCTETS)
              .maxHeaderListSize(MAX_HEADERS_OCTETS);
      if (role == Role.CLIENT) {
        settings.pushEnabled(false);
      } else {
        settings.maxConcurrentStreams(Integer.MAX_VALUE);
        decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESETS_SECONDS);
      }
      initialSettings(settings);
      connection(connection);
      gracefulShutdownTimeoutMillis(0);
    }

    @Override
    public Multiplexer build() {
      return super.build();
    }

    @Override
    protected Multiplexer build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      var multiplexer = new Multiplexer(owner, decoder, encoder, settings);
      frameListener(new Frames(multiplexer));
      return multiplexer;
    }
  }

  // ---- the connection

  private ChannelHandlerContext ctx() {
    if (ctx == null) {
      throw new IllegalStateException("not in a pipeline yet");
    }
    return ctx;
  }

  Channel channel() {
    return ctx().channel();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    this.ctx = ctx;
    super.handlerAdded(ctx);
  }

  /** Opens the connection's window; called once the handler is in the pipeline. */
  void openWindow() throws Http2Exception {
    decoder()
        .flowController()
        .incrementWindowSize(
            connection().connectionStream(),
            Windows.CONNECTION_OCTETS - 65_535); // RFC 9113 6.9.2: what it begins with
    flushSoon();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    reading = true;
    owner.onRead();
    super.channelRead(ctx, message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    for (var stream = withNews.poll(); stream != null; stream = withNews.poll()) {
      stream.handOut();
    }
    reading = false;
    super.channelReadComplete(ctx); // writes and flushes
  }

  /** Flushes, at the end of the read if there is one. */
  void flushSoon() {
    if (!reading) {
      flush(ctx());
    }
  }

  void ping(long payload) {
    encoder().writePing(ctx(), false, payload, ctx().newPromise());
    flushSoon();
  }

  /** Says why, and closes. */
  void close(String reason) {
    because(reason);
    var text = ByteBufUtil.writeUtf8(ctx().alloc(), reason);
    goAway(
        ctx(),
        connection().remote().lastStreamCreated(),
        Http2Error.NO_ERROR.code(),
        text,
        ctx().newPromise());
    ctx().flush();
    ctx().close();
  }

  /** The first reason is the one that is told. */
  private void because(String reason) {
    if (closeReason == null) {
      closeReason = reason;
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    super.channelInactive(ctx); // closes the streams
    owner.onClosed(closeReason == null ? "the peer closed the connection" : closeReason);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
    because(cause.getMessage() == null ? cause.toString() : cause.getMessage());
    super.exceptionCaught(ctx, cause);
    if (cause instanceof IOException) {
      ctx.close();
    }
  }

  @Override
  protected void onConnectionError(
      ChannelHandlerContext ctx,
      boolean outbound,
      Throwable cause,
      @Nullable Http2Exception http2Cause) {
    because(cause.getMessage() == null ? cause.toString() : cause.getMessage());
    super.onConnectionError(ctx, outbound, cause, http2Cause);
  }

  // ---- streams

  /** Whether a stream may be opened. */
  boolean takesStreams() {
    return !goingAway && connection().local().canOpenStream();
  }

  /** Opens a stream. What becomes of it is told to {@code listener}, later. */
  MultiplexedStream request(Http2Headers head, boolean end, HeadListener listener) {
    var id = connection().local().incrementAndGetNextStreamId();
    var stream = new MultiplexedStream(this, id, listener);
    encoder()
        .writeHeaders(ctx(), id, head, 0, end, ctx().newPromise())
        .addListener(
            written -> {
              if (!written.isSuccess()) {
                stream.fail(
                    new IOException("the request could not be sent", written.cause()), true);
              }
            });
    var made = connection().stream(id);
    if (made != null) {
      made.setProperty(key, stream);
    }
    flushSoon();
    return stream;
  }

  ChannelFuture writeHead(int streamId, Http2Headers head, boolean end) {
    var written = encoder().writeHeaders(ctx(), streamId, head, 0, end, ctx().newPromise());
    flushSoon();
    return written;
  }

  ChannelFuture writeData(int streamId, ByteBuf octets, boolean end) {
    return encoder().writeData(ctx(), streamId, octets, 0, end, ctx().newPromise());
  }

  void writeTrailers(int streamId, Trailers trailers) {
    var fields = new DefaultHttp2Headers();
    for (var field : trailers.fields()) {
      fields.add(field.getKey().toLowerCase(Locale.ROOT), field.getValue());
    }
    writeHead(streamId, fields, true);
  }

  void reset(int streamId, Http2Error error) {
    if (connection().stream(streamId) != null) {
      resetStream(ctx(), streamId, error.code(), ctx().newPromise());
      flushSoon();
    }
  }

  /** The reader has taken so much: the peer may send as much again. */
  void giveBack(int streamId, int octets) {
    var stream = connection().stream(streamId);
    if (stream == null || octets == 0) {
      return;
    }
    try {
      if (decoder().flowController().consumeBytes(stream, octets)) {
        flushSoon();
      }
    } catch (Http2Exception e) {
      throw new IllegalStateException("more was taken than came", e);
    }
  }

  /**
   * Widens a stream's window, as far as the connection's share reaches.
   *
   * @return by how much
   */
  int grow(int streamId, int octets) {
    var stream = connection().stream(streamId);
    var granted = Math.min(octets, Windows.CONNECTION_OCTETS - grantedOctets);
    // One that is being closed is still found, and its window is none any more.
    if (stream == null || !stream.state().remoteSideOpen() || granted <= 0) {
      return 0;
    }
    try {
      decoder().flowController().incrementWindowSize(stream, granted);
    } catch (Http2Exception e) {
      throw new IllegalStateException("a window within bounds was refused", e);
    }
    grantedOctets += granted;
    return granted;
  }

  /** A stream's channel is closed: what is left of the stream is ended here. */
  void onChannelClosed(StreamChannel channel, boolean outputEnded) {
    grantedOctets -= channel.grownOctets();
    var stream = connection().stream(channel.streamId());
    if (stream == null || !ctx().channel().isActive()) {
      return;
    }
    var peerEnded = !stream.state().remoteSideOpen();
    if (outputEnded) {
      new Lingering(channel).begin();
    } else if (peerEnded && channel.handedOctets() == 0) {
      writeData(channel.streamId(), Unpooled.EMPTY_BUFFER, true);
      flushSoon();
    } else {
      reset(channel.streamId(), Http2Error.CANCEL);
    }
  }

  /**
   * A stream whose channel is closed and whose last octets are on their way. They have as long as
   * they need while any of them go, and {@link Windows#STALLED_NS} while none do. Once all have
   * gone the edge waits {@link Owner#lingerNs} for the connector's end; a connector waits as long
   * as the edge takes to read.
   */
  private final class Lingering implements Runnable {
    private final StreamChannel channel;
    private int handedBefore = Integer.MAX_VALUE;
    private long stalledNs;

    Lingering(StreamChannel channel) {
      this.channel = channel;
    }

    void begin() {
      ctx().executor().schedule(this, owner.lingerNs(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void run() {
      if (connection().stream(channel.streamId()) == null || !ctx().channel().isActive()) {
        return;
      }
      var handed = channel.handedOctets();
      stalledNs = handed < handedBefore ? 0 : stalledNs + owner.lingerNs();
      handedBefore = handed;
      var isEdge = channel.atPeersEnd() == StreamChannel.AtPeersEnd.CLOSE;
      if (handed > 0 ? stalledNs >= Windows.STALLED_NS : isEdge) {
        reset(channel.streamId(), Http2Error.CANCEL);
      } else if (handed > 0) {
        begin();
      }
    }
  }

  /** Whether the peer has said that it did nothing about this stream. RFC 9113 6.8 */
  boolean wasLeftOut(int streamId) {
    return connection().goAwayReceived() && streamId > connection().local().lastStreamKnownByPeer();
  }

  private @Nullable MultiplexedStream stream(int streamId) {
    var stream = connection().stream(streamId);
    return stream == null ? null : stream.getProperty(key);
  }

  // ---- frames, told by Frames

  void onHeaders(int streamId, Http2Headers head, boolean end) throws Http2Exception {
    var stream = stream(streamId);
    if (stream != null) {
      stream.onHead(head, end);
      return;
    }
    if (!connection().isServer() && !connection().local().isValidStreamId(streamId)) {
      // RFC 9113 8.4: a server begins streams by promises alone, and those are switched off. The
      // codec lets it, without a limit.
      throw Http2Exception.connectionError(
          Http2Error.PROTOCOL_ERROR, "stream %d is none that we have opened", streamId);
    }
    var made = connection().stream(streamId);
    if (made != null && connection().isServer()) {
      var opened = new MultiplexedStream(this, streamId, null);
      made.setProperty(key, opened);
      owner.onRequest(opened, head, end);
    }
  }

  /**
   * Octets of a stream.
   *
   * @return how many of them, padding included, nobody is going to give back
   */
  int onData(int streamId, ByteBuf data, int padding, boolean end) {
    var stream = stream(streamId);
    if (stream == null) {
      return data.readableBytes() + padding;
    }
    return stream.onData(data, end) ? padding : data.readableBytes() + padding;
  }

  void onReset(int streamId, long errorCode) {
    var stream = stream(streamId);
    if (stream != null) {
      stream.onReset(errorCode);
    }
  }

  /** A frame that the codec has answered. */
  void onAnswerable() throws Http2Exception {
    calm.onFrame(owner.nowNs());
  }

  void onPong(long payload) {
    owner.onPong(payload);
  }

  void onGoAway(long errorCode, ByteBuf debugData) {
    goingAway = true;
    var said =
        debugData.toString(0, Math.min(debugData.readableBytes(), 200), StandardCharsets.UTF_8);
    owner.onGoingAway(
        "the peer is going away (" + errorCode + (said.isEmpty() ? ")" : ", " + said + ")"));
  }

  /** {@code channel} has something to hand out at the end of this read. */
  void hasNews(StreamChannel channel) {
    if (reading) {
      withNews.add(channel);
    } else {
      channel.handOut();
    }
  }

  private final class StreamsEnd extends Http2ConnectionAdapter {
    @Override
    public void onStreamClosed(Http2Stream closed) {
      MultiplexedStream stream = closed.getProperty(key);
      if (stream != null) {
        stream.onClosed();
      }
    }
  }
}

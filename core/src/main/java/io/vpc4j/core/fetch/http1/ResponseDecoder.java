package io.vpc4j.core.fetch.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vpc4j.ErrorCode;
import io.vpc4j.Headers;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.fetch.exchange.ResponseHead;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the responses of one connection. Octets go in, in pieces of any size; heads, pieces of body
 * and ends come out. No channel, no clock: see {@link Http1Connection} for both.
 *
 * <pre>
 *            expect             head, no body
 *   IDLE ──────────── HEAD ────────────────────────────────────── IDLE
 *                      │  └─ Content-Length ── FIXED ────────────
 *                      │  └─ chunked ── CHUNK_SIZE ═ CHUNK_DATA
 *                      │                   └─ size 0 ── TRAILERS ──
 *                      │  └─ neither ── UNTIL_CLOSE ── end of input ──
 *                      └─ 101 that was asked for ── UPGRADED
 * </pre>
 *
 * <p><b>Why not Netty's codec.</b> Three reasons. It repairs what we must refuse: it joins folded
 * lines, and where Content-Length stands beside Transfer-Encoding it drops the former and goes on.
 * It makes an object per message part and a map per head, where a small response needs one head and
 * one buffer. And it is a state of the pipeline, where this is a value that a test can drive octet
 * by octet. What it has taught is kept: bounds on everything, no look-back.
 *
 * <p><b>The head seen last.</b> A server that is asked for the same thing sends the same head, but
 * for the date, which changes once a second. So the last head's octets are kept beside what they
 * were read as; when the next response begins with the same octets (which end in an empty line, so
 * that nothing shorter or longer is taken for it) the parsed head is used again. Heads over {@link
 * #MAX_REMEMBERED_OCTETS} are not kept.
 *
 * <p>Line ends are CRLF. A bare LF, which RFC 9112 2.2 lets a recipient accept, is refused: no
 * server in use sends one, and an intermediary that reads it otherwise makes two messages of one.
 */
final class ResponseDecoder {

  /** Hears what was read. */
  interface Sink {
    /** A 1xx, other than a 101 that was asked for. */
    void onInterim(ResponseHead head) throws VpcException;

    /** The head of the final response. */
    void onHead(ResponseHead head);

    /** Some of the body, not empty; the sink's to release. */
    void onData(ByteBuf octets);
  }

  private enum State {
    IDLE,
    HEAD,
    FIXED,
    CHUNK_SIZE,
    CHUNK_EXTENSION,
    CHUNK_SIZE_LF,
    CHUNK_DATA,
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    TRAILERS,
    UNTIL_CLOSE,
    UPGRADED,
    BROKEN
  }

  /** A server that has more to say before it answers is not trusted to answer. */
  static final int MAX_INTERIM_RESPONSES = 32;

  /** Of chunk extensions in one message; nobody uses them, and they are not passed on. */
  static final int MAX_EXTENSION_OCTETS = 16 * 1024;

  static final int MAX_REMEMBERED_OCTETS = 4 * 1024;
  private static final int KEPT_SCRATCH_OCTETS = 16 * 1024;
  private static final int MAX_SIZE_DIGITS = 15; // 2^60 octets

  private final int maxHeadOctets;

  private State state = State.IDLE;
  private boolean headRequest;
  private boolean upgradeWelcome;
  private boolean begun;
  private boolean persistent;
  private boolean bodyDropped;
  private int interimCount;
  private long remaining;
  private int sizeDigits;
  private int extensionOctets;
  private Headers trailers = Headers.empty();

  // The head or trailer section so far, and where its last line begins.
  private byte[] scratch = new byte[1024];
  private int length;
  private int lineStart;

  // The head seen last; its octets as a buffer, for comparing.
  private HeadParser.@Nullable Head remembered;
  private ByteBuf rememberedOctets = Unpooled.EMPTY_BUFFER;

  /**
   * A decoder that expects nothing yet.
   *
   * @param maxHeadOctets of a head, and again of a trailer section
   */
  ResponseDecoder(int maxHeadOctets) {
    this.maxHeadOctets = maxHeadOctets;
  }

  // ---- inputs

  /** A request was sent; its response may come. */
  void expect(boolean headRequest, boolean upgradeWelcome) {
    if (state != State.IDLE) {
      throw new IllegalStateException("a response is under way");
    }
    this.headRequest = headRequest;
    this.upgradeWelcome = upgradeWelcome;
    begun = false;
    persistent = false;
    interimCount = 0;
    trailers = Headers.empty();
    length = 0;
    lineStart = 0;
    state = State.HEAD;
  }

  /**
   * Reads what there is.
   *
   * @return whether the response is complete; octets behind it are left in {@code in}
   * @throws VpcException {@code HTTP_PROTOCOL_ERROR}; the decoder is of no use any more
   */
  boolean decode(ByteBuf in, Sink sink) throws VpcException {
    begun |= in.isReadable();
    try {
      while (in.isReadable()) {
        if (step(in, sink)) {
          return state == State.IDLE;
        }
      }
      return false;
    } catch (VpcException e) {
      state = State.BROKEN;
      throw e;
    }
  }

  /**
   * The input has ended.
   *
   * @return whether that completes the response, which is so for a body that ends with the
   *     connection
   */
  boolean onEndOfInput() {
    var complete = state == State.UNTIL_CLOSE;
    state = State.BROKEN;
    return complete;
  }

  // ---- facts

  /** Whether any octet of the response came. */
  boolean begun() {
    return begun;
  }

  /** Whether the connection may carry another exchange, once the response is complete. */
  boolean persistent() {
    return persistent;
  }

  /** Whether another protocol follows the head. */
  boolean upgraded() {
    return state == State.UPGRADED;
  }

  /** The trailer fields of the response that is complete. */
  Headers trailers() {
    return trailers;
  }

  /** What to say when the input ends where it must not. */
  VpcException truncated(@Nullable Throwable cause) {
    return begun
        ? new VpcException(
            ErrorCode.HTTP_RESPONSE_INCOMPLETE,
            Stage.RESPONSE,
            "The connection ended in the middle of the response.",
            cause)
        : new VpcException(
            ErrorCode.CONNECTION_TERMINATED,
            Stage.RESPONSE,
            "The connection ended before a response began.",
            cause);
  }

  // ---- the steps

  /** One step; true to stop: the response is complete, or is not ours to read any further. */
  private boolean step(ByteBuf in, Sink sink) throws VpcException {
    switch (state) {
      case HEAD -> {
        return readHead(in, sink);
      }
      case FIXED -> {
        readData(in, sink);
        return remaining == 0 && complete();
      }
      case CHUNK_DATA -> {
        readData(in, sink);
        if (remaining == 0) {
          state = State.CHUNK_DATA_CR;
        }
      }
      case CHUNK_DATA_CR -> {
        require(in.readByte() == '\r');
        state = State.CHUNK_DATA_LF;
      }
      case CHUNK_DATA_LF -> {
        require(in.readByte() == '\n');
        beginChunk();
      }
      case CHUNK_SIZE, CHUNK_EXTENSION, CHUNK_SIZE_LF -> readChunkSize(in.readByte());
      case TRAILERS -> {
        if (readSection(in)) {
          trailers = HeadParser.parseTrailers(scratch, length);
          return complete();
        }
      }
      case UNTIL_CLOSE -> sinkData(in.readRetainedSlice(in.readableBytes()), sink);
      case IDLE, UPGRADED, BROKEN -> {
        return true;
      }
    }
    return false;
  }

  private boolean readHead(ByteBuf in, Sink sink) throws VpcException {
    var head = recall(in);
    if (head == null) {
      if (!readSection(in)) {
        return false;
      }
      head = HeadParser.parse(scratch, length);
      remember(head);
    }
    length = 0;
    lineStart = 0;
    var status = head.response.status();
    if (status < 200 && status != 101) {
      if (++interimCount > MAX_INTERIM_RESPONSES) {
        throw Malformed.response("more than " + MAX_INTERIM_RESPONSES + " interim responses");
      }
      sink.onInterim(head.response);
      return false;
    }
    return beginBody(head, sink);
  }

  /** How long the body is: the list of RFC 9112 6.3, in its order. */
  private boolean beginBody(HeadParser.Head head, Sink sink) throws VpcException {
    var status = head.response.status();
    persistent = head.persistent;
    bodyDropped = false;
    if (status == 101) {
      if (!upgradeWelcome) {
        throw Malformed.response("a change of protocol that was not asked for");
      }
      state = State.UPGRADED;
      sink.onHead(head.response);
      return true;
    }
    sink.onHead(head.response);
    if (headRequest || status == 204 || status == 304) { // 1.
      return complete();
    }
    bodyDropped =
        status == 205; // RFC 9110 15.3.6: it has none, and its framing is read all the same
    if (head.chunked) { // 4.
      extensionOctets = 0;
      beginChunk();
      return false;
    }
    if (head.contentLength >= 0) { // 6.
      remaining = head.contentLength;
      state = State.FIXED;
      return remaining == 0 && complete();
    }
    if (status == 205) {
      return complete();
    }
    persistent = false;
    state = State.UNTIL_CLOSE; // 8.
    return false;
  }

  private boolean complete() {
    state = State.IDLE;
    if (scratch.length > KEPT_SCRATCH_OCTETS) {
      scratch = new byte[1024];
    }
    return true;
  }

  private void readData(ByteBuf in, Sink sink) {
    var octets = (int) Math.min(remaining, in.readableBytes());
    remaining -= octets;
    sinkData(in.readRetainedSlice(octets), sink);
  }

  private void sinkData(ByteBuf octets, Sink sink) {
    if (bodyDropped) {
      octets.release();
    } else {
      sink.onData(octets);
    }
  }

  // ---- chunks, RFC 9112 7.1

  private void beginChunk() {
    remaining = 0;
    sizeDigits = 0;
    state = State.CHUNK_SIZE;
  }

  /** chunk-size [ chunk-ext ] CRLF, an octet at a time: a chunk is rare beside its data. */
  private void readChunkSize(byte octet) throws VpcException {
    switch (state) {
      case CHUNK_SIZE -> {
        var digit = Character.digit(octet & 0xff, 16);
        if (digit >= 0 && (octet & 0x80) == 0) {
          if (++sizeDigits > MAX_SIZE_DIGITS) {
            throw Malformed.response("a chunk size of more than " + MAX_SIZE_DIGITS + " digits");
          }
          remaining = remaining << 4 | digit;
        } else if (sizeDigits == 0) {
          throw Malformed.response("a chunk without a size");
        } else if (octet == ';') {
          state = State.CHUNK_EXTENSION;
        } else {
          require(octet == '\r');
          state = State.CHUNK_SIZE_LF;
        }
      }
      case CHUNK_EXTENSION -> {
        if (octet == '\r') {
          state = State.CHUNK_SIZE_LF;
        } else if (octet == '\n' || octet == 0) {
          throw Malformed.response("a bare LF or a NUL in a chunk extension");
        } else if (++extensionOctets > MAX_EXTENSION_OCTETS) {
          throw Malformed.response(
              "chunk extensions of more than " + MAX_EXTENSION_OCTETS + " octets");
        }
      }
      default -> {
        require(octet == '\n');
        state = remaining == 0 ? State.TRAILERS : State.CHUNK_DATA;
      }
    }
  }

  private static void require(boolean framed) throws VpcException {
    if (!framed) {
      throw Malformed.response("a chunk that does not end where it says");
    }
  }

  // ---- sections: lines up to an empty one

  /** Adds lines to {@link #scratch}; true once the empty line is in. */
  private boolean readSection(ByteBuf in) throws VpcException {
    while (in.isReadable()) {
      var from = in.readerIndex();
      var lf = in.indexOf(from, in.writerIndex(), (byte) '\n');
      append(in, (lf < 0 ? in.writerIndex() : lf + 1) - from);
      if (state == State.HEAD) {
        requireHttp();
      }
      if (lf < 0) {
        return false;
      }
      if (length < 2 || scratch[length - 2] != '\r') {
        throw Malformed.response("a bare LF");
      }
      if (length - lineStart == 2 && (lineStart > 0 || state == State.TRAILERS)) {
        return true;
      }
      lineStart = length;
    }
    return false;
  }

  private void append(ByteBuf in, int octets) throws VpcException {
    if (length + octets > maxHeadOctets) {
      throw Malformed.response("more than " + maxHeadOctets + " octets of fields");
    }
    if (length + octets > scratch.length) {
      scratch =
          Arrays.copyOf(scratch, Math.min(maxHeadOctets, Math.max(length + octets, 2 * length)));
    }
    in.readBytes(scratch, length, octets);
    length += octets;
  }

  /** Something else than HTTP is refused at its first octet, not when its first line ends. */
  private void requireHttp() throws VpcException {
    var known = Math.min(length, 5);
    for (var i = 0; i < known; i++) {
      if (scratch[i] != "HTTP/".charAt(i)) {
        throw Malformed.response("it does not begin with HTTP/");
      }
    }
  }

  private HeadParser.@Nullable Head recall(ByteBuf in) {
    var octets = rememberedOctets.readableBytes();
    if (octets == 0
        || length > 0
        || in.readableBytes() < octets
        || !ByteBufUtil.equals(in, in.readerIndex(), rememberedOctets, 0, octets)) {
      return null;
    }
    in.skipBytes(octets);
    return remembered;
  }

  private void remember(HeadParser.Head head) {
    if (length <= MAX_REMEMBERED_OCTETS && head.response.status() >= 200) {
      remembered = head;
      rememberedOctets = Unpooled.wrappedBuffer(Arrays.copyOf(scratch, length));
    }
  }
}

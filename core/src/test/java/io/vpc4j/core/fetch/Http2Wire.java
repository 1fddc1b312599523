package io.vpc4j.core.fetch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * HTTP/2 by hand, the server's side: what comes is read frame by frame, and anything at all can be
 * sent. RFC 9113 4 and 6
 *
 * <p>Windows, SETTINGS and PING of the client are kept and answered while something else is waited
 * for; no wait is longer than 20 s. One thread's.
 */
final class Http2Wire {

  // RFC 9113 6.1 to 6.10
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PUSH_PROMISE = 5;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int NONE = 0;
  static final int END_STREAM = 1;
  static final int ACK = 1;
  static final int END_HEADERS = 4;
  static final int PADDED = 8;

  // RFC 9113 6.5.2
  static final int MAX_CONCURRENT_STREAMS = 3;
  static final int INITIAL_WINDOW_SIZE = 4;
  static final int MAX_HEADER_LIST_SIZE = 6;

  // RFC 9113 7
  static final int NO_ERROR = 0;
  static final int PROTOCOL_ERROR = 1;
  static final int FLOW_CONTROL_ERROR = 3;
  static final int FRAME_SIZE_ERROR = 6;
  static final int REFUSED_STREAM = 7;
  static final int CANCEL = 8;

  static final int MAX_WINDOW = Integer.MAX_VALUE;
  static final int FIRST_WINDOW = 65_535;
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"; // RFC 9113 3.4

  /** A frame as it came. */
  static final class Frame {
    private final int type;
    private final int flags;
    private final int stream;
    private final byte[] payload;

    Frame(int type, int flags, int stream, byte[] payload) {
      this.type = type;
      this.flags = flags;
      this.stream = stream;
      this.payload = payload;
    }

    int type() {
      return type;
    }

    int flags() {
      return flags;
    }

    int stream() {
      return stream;
    }

    byte[] payload() {
      return payload;
    }

    boolean ends() {
      return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
    }

    /** The first four octets, of RST_STREAM its code. */
    int number() {
      return ByteBuffer.wrap(payload).getInt();
    }

    /** A GOAWAY's. */
    int code() {
      return ByteBuffer.wrap(payload).getInt(4);
    }

    @Override
    public String toString() {
      return "type " + type + ", flags " + flags + ", stream " + stream + ", " + payload.length;
    }
  }

  /** A request's head. */
  record Asked(int stream, boolean ends, Http2Headers fields) {
    String field(String name) {
      var value = fields.get(name);
      return value == null ? null : value.toString();
    }

    String path() {
      return field(":path");
    }
  }

  private final DataInputStream in;
  private final OutputStream out;
  private final DefaultHttp2HeadersDecoder hpack = new DefaultHttp2HeadersDecoder(false);

  /** The client's SETTINGS, the newest of each. */
  final Map<Integer, Long> clientSettings = new HashMap<>();

  /** Frames that came while another was waited for. */
  final ArrayDeque<Frame> passed = new ArrayDeque<>();

  /** PINGs of ours that were answered. */
  final List<byte[]> pongs = new ArrayList<>();

  int settingsAcknowledged;

  /** The stream of the newest request. */
  int newest;

  private Frame held; // read already, and to be read again

  private final Map<Integer, Long> granted = new HashMap<>(); // by WINDOW_UPDATE, less what we sent

  private Http2Wire(ScriptedPeer.Conversation with) throws IOException {
    with.socket.setSoTimeout(20_000);
    in = new DataInputStream(with.in);
    out = with.out;
  }

  /** Reads the client's preface and SETTINGS, and says nothing. */
  static Http2Wire silent(ScriptedPeer.Conversation with) throws IOException {
    var wire = new Http2Wire(with);
    assertThat(new String(wire.in.readNBytes(PREFACE.length()), ISO_8859_1)).isEqualTo(PREFACE);
    var first = wire.read();
    assertThat(first.type).isEqualTo(SETTINGS);
    wire.keepSettings(first);
    return wire;
  }

  /** The same, with SETTINGS of identifiers and values in turn, and the acknowledgement. */
  static Http2Wire accept(ScriptedPeer.Conversation with, int... settings) throws IOException {
    var wire = silent(with);
    wire.settings(settings);
    wire.send(SETTINGS, ACK, 0);
    return wire;
  }

  // ---- what comes

  /** The next frame, whatever it is; nothing is answered. */
  Frame read() throws IOException {
    if (held != null) {
      var frame = held;
      held = null;
      return frame;
    }
    var length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
    var type = in.readUnsignedByte();
    var flags = in.readUnsignedByte();
    var stream = in.readInt();
    return new Frame(type, flags, stream, in.readNBytes(length));
  }

  /** The next frame that is of a stream, or GOAWAY. */
  Frame next() throws IOException {
    var frame = read();
    while (isOfConnection(frame)) {
      frame = read();
    }
    return frame;
  }

  /** The next frame, whatever it is, kept and answered if it is the connection's. */
  Frame nextOfAny() throws IOException {
    var frame = read();
    isOfConnection(frame);
    return frame;
  }

  /** Reads one frame, which must be SETTINGS, PING or WINDOW_UPDATE. */
  void nextOfConnection() throws IOException {
    var frame = read();
    assertThat(isOfConnection(frame)).as("%s", frame).isTrue();
  }

  /** Whether this is one of those that need no more than to be kept and answered. */
  private boolean isOfConnection(Frame frame) throws IOException {
    var acknowledges = (frame.flags & ACK) != 0;
    switch (frame.type) {
      case SETTINGS -> {
        if (acknowledges) {
          settingsAcknowledged++;
        } else {
          keepSettings(frame);
          send(SETTINGS, ACK, 0);
        }
      }
      case PING -> {
        if (acknowledges) {
          pongs.add(frame.payload);
        } else {
          send(PING, ACK, 0, frame.payload);
        }
      }
      case WINDOW_UPDATE -> granted.merge(frame.stream, (long) frame.number(), Long::sum);
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Whether something has come that was not read. */
  boolean available() throws IOException {
    return in.available() > 0;
  }

  /** Whether a frame of a stream has come that was not read; those of the connection are kept. */
  boolean streamFrameAvailable() throws IOException {
    while (held == null && available()) {
      var frame = read();
      if (!isOfConnection(frame)) {
        held = frame;
      }
    }
    return held != null;
  }

  private void keepSettings(Frame frame) {
    for (var left = ByteBuffer.wrap(frame.payload); left.hasRemaining(); ) {
      clientSettings.put((int) left.getShort(), left.getInt() & 0xffff_ffffL);
    }
  }

  /** The next request's head; what comes before it is {@link #passed}. */
  Asked request() throws Exception {
    var frame = await(HEADERS, -1);
    assertThat(frame.flags & END_HEADERS).isNotZero();
    newest = frame.stream;
    return new Asked(
        frame.stream,
        frame.ends(),
        hpack.decodeHeaders(frame.stream, Unpooled.wrappedBuffer(frame.payload)));
  }

  /** The next frame of this type, on this stream unless that is negative. */
  Frame await(int type, int stream) throws IOException {
    while (true) {
      var frame = next();
      if (frame.type == type && (stream < 0 || frame.stream == stream)) {
        return frame;
      }
      passed.add(frame);
    }
  }

  /** The code of the RST_STREAM that comes next for {@code stream}. */
  int resetOf(int stream) throws IOException {
    return await(RST_STREAM, stream).number();
  }

  /** A request's body to its end; nothing is said meanwhile. */
  byte[] body(int stream) throws IOException {
    var body = new ByteArrayOutputStream();
    for (var ended = false; !ended; ) {
      var frame = await(DATA, stream);
      body.writeBytes(frame.payload);
      ended = frame.ends();
    }
    return body.toByteArray();
  }

  /** Reads on until the client closes. */
  void untilEnd() {
    try {
      while (true) {
        passed.add(next());
      }
    } catch (java.net.SocketTimeoutException e) {
      throw new AssertionError("the client did not close within 20 s", e);
    } catch (IOException e) {
      return; // a reset is an end, too
    }
  }

  // ---- what goes

  void send(int type, int flags, int stream, byte... payload) throws IOException {
    out.write(frame(type, flags, stream, payload));
    out.flush();
  }

  /** Octets as they are. */
  void raw(byte... octets) throws IOException {
    out.write(octets);
    out.flush();
  }

  static byte[] frame(int type, int flags, int stream, byte... payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .putInt(payload.length << 8 | type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  void settings(int... pairs) throws IOException {
    var payload = ByteBuffer.allocate(pairs.length / 2 * 6);
    for (var i = 0; i < pairs.length; i += 2) {
      payload.putShort((short) pairs[i]).putInt(pairs[i + 1]);
    }
    send(SETTINGS, NONE, 0, payload.array());
  }

  /** A field section in one frame; {@code fields} are names and values in turn. */
  void head(int stream, int flags, String... fields) throws IOException {
    send(HEADERS, flags | END_HEADERS, stream, hpack(fields));
  }

  void data(int stream, int flags, byte[] octets) throws IOException {
    granted.merge(0, (long) -octets.length, Long::sum);
    granted.merge(stream, (long) -octets.length, Long::sum);
    send(DATA, flags, stream, octets);
  }

  void data(int stream, int flags, String text) throws IOException {
    data(stream, flags, text.getBytes(ISO_8859_1));
  }

  /** A 200 with this body. */
  void answer(int stream, String body) throws IOException {
    head(stream, NONE, ":status", "200");
    data(stream, END_STREAM, body);
  }

  /** All of {@code body} as fast as the client's windows allow, and the end of the stream. */
  void pour(int stream, byte[] body) throws IOException {
    var at = 0;
    while (at < body.length) {
      var size = (int) Math.min(16_384, Math.min(body.length - at, room(stream)));
      if (size > 0) {
        data(stream, NONE, Arrays.copyOfRange(body, at, at + size));
        at += size;
      } else {
        nextOfConnection();
      }
    }
    send(DATA, END_STREAM, stream);
  }

  /** How much the client lets us send on {@code stream} now, as far as we have read. */
  long room(int stream) {
    var ofStream =
        clientSettings.getOrDefault(INITIAL_WINDOW_SIZE, (long) FIRST_WINDOW)
            + granted.getOrDefault(stream, 0L);
    return Math.min(ofStream, FIRST_WINDOW + granted.getOrDefault(0, 0L));
  }

  void reset(int stream, int code) throws IOException {
    send(RST_STREAM, NONE, stream, number(code));
  }

  void window(int stream, int increment) throws IOException {
    send(WINDOW_UPDATE, NONE, stream, number(increment));
  }

  void goAway(int lastStream, int code) throws IOException {
    send(GOAWAY, NONE, 0, ByteBuffer.allocate(8).putInt(lastStream).putInt(code).array());
  }

  static byte[] number(int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  /** Literals without indexing, no Huffman code: any octets at all. RFC 7541 6.2.2 */
  static byte[] hpack(String... fields) {
    var block = new ByteArrayOutputStream();
    for (var i = 0; i < fields.length; i += 2) {
      block.write(0);
      string(block, fields[i]);
      string(block, fields[i + 1]);
    }
    return block.toByteArray();
  }

  private static void string(ByteArrayOutputStream block, String text) {
    var octets = text.getBytes(ISO_8859_1);
    var left = octets.length;
    if (left < 127) {
      block.write(left);
    } else { // RFC 7541 5.1
      block.write(127);
      for (left -= 127; left >= 128; left >>= 7) {
        block.write((left & 127) | 128);
      }
      block.write(left);
    }
    block.writeBytes(octets);
  }
}

package io.vpc4j.tunnel.carrier.http2;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** A connector that writes HTTP/2 frames by hand, and whatever else it likes. RFC 9113 4.1 */
final class RawConnector implements Closeable {

  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  private static final int PREFACE_OCTETS = 24;
  private static final int PATIENCE_MS = 20_000;

  /** A frame that has come. */
  record Frame(int type, int flags, int streamId, ByteBuffer payload) {}

  private final SSLSocket socket;
  private final DataInputStream in;

  /** Dials, and speaks as far as RFC 9113 3.4 asks a server to. */
  RawConnector(InetSocketAddress edge, X509Certificate authority) throws Exception {
    var keys = KeyStore.getInstance(KeyStore.getDefaultType());
    keys.load(null, null);
    keys.setCertificateEntry("authority", authority);
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(keys);
    var tls = SSLContext.getInstance("TLSv1.3");
    tls.init(null, trust.getTrustManagers(), null);
    socket = (SSLSocket) tls.getSocketFactory().createSocket(edge.getAddress(), edge.getPort());
    socket.setSoTimeout(PATIENCE_MS);
    socket.startHandshake();
    in = new DataInputStream(socket.getInputStream());
    in.readNBytes(PREFACE_OCTETS);
    write(frame(SETTINGS, 0, 0));
  }

  /** Accepts the control stream, which is the edge's first. */
  RawConnector acceptControl() throws IOException {
    await(HEADERS);
    // :status 200 of the static table, RFC 7541 A
    write(frame(HEADERS, 0x4, 1, 0x88));
    return this;
  }

  static byte[] frame(int type, int flags, int streamId, int... payload) {
    var octets = new byte[payload.length];
    for (var i = 0; i < octets.length; i++) {
      octets[i] = (byte) payload[i];
    }
    return frame(octets.length, type, flags, streamId, octets);
  }

  /** A frame that says it is of {@code length} octets, whatever comes. */
  static byte[] frame(int length, int type, int flags, int streamId, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (length >> 16))
        .putShort((short) length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(streamId)
        .put(payload)
        .array();
  }

  void write(byte[] octets) throws IOException {
    socket.getOutputStream().write(octets);
    socket.getOutputStream().flush();
  }

  Frame read() throws IOException {
    var length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
    var type = in.readUnsignedByte();
    var flags = in.readUnsignedByte();
    var streamId = in.readInt();
    var payload = in.readNBytes(length);
    if (payload.length < length) {
      throw new EOFException();
    }
    return new Frame(type, flags, streamId, ByteBuffer.wrap(payload));
  }

  Frame await(int type) throws IOException {
    for (var frame = read(); ; frame = read()) {
      if (frame.type() == type) {
        return frame;
      }
    }
  }

  /** The code with which the edge ends the connection, once it has. RFC 9113 7 */
  long awaitEnd() throws IOException {
    var code = -1L;
    try {
      while (true) {
        var frame = read();
        if (frame.type() == GOAWAY) {
          code = frame.payload().getInt(4) & 0xffffffffL;
        }
      }
    } catch (EOFException end) {
      return code;
    } catch (IOException reset) {
      return code; // closed with octets of ours unread
    }
  }

  /** Writes until the edge has had enough. */
  void flood(byte[] frame, int times) {
    var many = new byte[100 * frame.length];
    for (var i = 0; i < 100; i++) {
      System.arraycopy(frame, 0, many, i * frame.length, frame.length);
    }
    try {
      for (var i = 0; i < times; i += 100) {
        write(many);
      }
    } catch (IOException ended) {
      // that was the purpose
    }
  }

  static byte[] join(byte[]... parts) {
    return Arrays.stream(parts)
        .reduce(
            (first, second) -> {
              var both = Arrays.copyOf(first, first.length + second.length);
              System.arraycopy(second, 0, both, first.length, second.length);
              return both;
            })
        .orElse(new byte[0]);
  }

  static byte[] repeat(byte[] part, int times) {
    return join(java.util.Collections.nCopies(times, part).toArray(new byte[0][]));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

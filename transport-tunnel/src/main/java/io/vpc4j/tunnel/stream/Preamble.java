package io.vpc4j.tunnel.stream;

import io.vpc4j.tunnel.octets.Octets;
import java.nio.ByteBuffer;

/**
 * What every QUIC stream but the control stream begins with. [T] 4.2
 *
 * <pre>
 *  octet
 *     0  signature            6    0A 36 CD 12 A1 3E, or 52 BB 82 5C DB 65
 *     6  version              2    "01"; after the first signature only
 * </pre>
 */
public final class Preamble {

  /** Begins a stream that carries a request: HTTP, WebSocket or TCP. */
  public static final Octets DATA_SIGNATURE = Octets.ofHex("0a36cd12a13e");

  /** Begins a stream that carries RPC. */
  public static final Octets RPC_SIGNATURE = Octets.ofHex("52bb825cdb65");

  static final int SIGNATURE_OCTETS = 6;
  static final int VERSION_OCTETS = 2;

  private static final Octets VERSION = Octets.ofUtf8("01");

  private Preamble() {}

  /** What a stream of RPC begins with, in a buffer of its own. */
  public static ByteBuffer rpc() {
    return ByteBuffer.wrap(RPC_SIGNATURE.toArray());
  }

  /** Signature, version and message in one: a connector reads the version in one read. [T] 4.2 */
  static ByteBuffer data(ByteBuffer message) {
    var octets = ByteBuffer.allocate(SIGNATURE_OCTETS + VERSION_OCTETS + message.remaining());
    DATA_SIGNATURE.writeTo(octets);
    VERSION.writeTo(octets);
    return octets.put(message).flip();
  }
}

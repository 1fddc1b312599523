package io.vpc4j.tunnel.rpc;

import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.octets.Octets;
import io.vpc4j.tunnel.rpc.capnp.StructBuilder;
import io.vpc4j.tunnel.rpc.capnp.StructReader;

/**
 * What a connector says of itself and of one connection. [T] 5.3 ConnectionOptions, 6.1
 *
 * @param client which program
 * @param originLocalIp 4 or 16 octets, or none; an IPv4 address comes as 16. Over QUIC it is the
 *     edge's own address, as the connector sees it
 * @param replacement whether an older connection is to be replaced; real connectors never ask
 * @param compressionQuality 0 to 255; real connectors send 0
 * @param numPreviousAttempts 0 to 255: the connector's backoff counter
 */
public record ConnectionOptions(
    ClientInfo client,
    Octets originLocalIp,
    Replacement replacement,
    int compressionQuality,
    int numPreviousAttempts) {

  /** {@code replaceExisting} of the schema. */
  public enum Replacement {
    /** False on the wire. */
    NOT_ASKED,
    /** True on the wire. */
    ASKED
  }

  static final int DATA_WORDS = 1;
  static final int POINTERS = 2;

  /** Checks the two counters. */
  public ConnectionOptions {
    if ((compressionQuality & ~0xff) != 0 || (numPreviousAttempts & ~0xff) != 0) {
      throw new IllegalArgumentException(
          "0 to 255, not " + compressionQuality + ", " + numPreviousAttempts);
    }
  }

  static ConnectionOptions read(StructReader in) throws Malformed {
    return new ConnectionOptions(
        ClientInfo.read(in.struct(0)),
        in.data(1),
        in.bit(0) ? Replacement.ASKED : Replacement.NOT_ASKED,
        in.u8(1),
        in.u8(2));
  }

  void write(StructBuilder out) {
    client.write(out.struct(0, ClientInfo.DATA_WORDS, ClientInfo.POINTERS));
    out.data(1, originLocalIp.toArray())
        .bit(0, replacement == Replacement.ASKED)
        .u8(1, compressionQuality)
        .u8(2, numPreviousAttempts);
  }
}

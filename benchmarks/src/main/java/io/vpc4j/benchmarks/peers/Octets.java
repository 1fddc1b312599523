package io.vpc4j.benchmarks.peers;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A connection to the server of octets, for one thread. Throws if less comes than was asked for.
 */
public interface Octets extends AutoCloseable {

  /** In how large pieces octets are given and taken. */
  int PIECE_OCTETS = 64 << 10;

  /** Asks for so many octets and takes them; how many came. */
  long download(long length) throws Exception;

  /** Sends so many octets and waits for the word that they are there; how many went. */
  long upload(long length) throws Exception;

  @Override
  void close() throws IOException;

  /** What a client sends first: positive to have octets, negative to send them. */
  static byte[] head(long length) {
    return ByteBuffer.allocate(Long.BYTES).putLong(length).array();
  }
}

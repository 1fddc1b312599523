package io.vpc4j.tunnel.stream.datagram;

import java.nio.ByteBuffer;

/** A datagram of either version, to be sent. */
public interface Datagram {

  /** How many octets {@link #write} writes. */
  int octets();

  /** Writes it at the buffer's position, which moves past it. */
  void write(ByteBuffer out);
}

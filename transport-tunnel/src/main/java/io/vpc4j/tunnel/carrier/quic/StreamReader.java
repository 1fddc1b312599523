package io.vpc4j.tunnel.carrier.quic;

import io.netty.buffer.ByteBuf;

/** Who is given what a stream reads; changes as the stream goes on. Called on the loop. */
interface StreamReader {

  /** Octets have come. The reader's to release. */
  void octets(ByteBuf octets);

  /** A run of {@link #octets} is over; whoever wants more calls {@link StreamLink#read}. */
  void readComplete();

  /** The peer has ended its half; nothing comes after this. */
  void end();

  /** The peer has reset its half, or the connection is lost; nothing comes after this. */
  void failed(Throwable cause);
}

package io.vpc4j.mesh.link;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** Carries datagrams to addresses, and gives those that come to its receiver. */
public interface DatagramLink {

  /** Where datagrams go that come. Called on the link's loop. */
  interface Receiver {

    /**
     * A datagram.
     *
     * @param datagram on the heap, from position to limit; may be changed; lent until this returns
     */
    void onDatagram(ByteBuffer datagram, InetSocketAddress from);

    /** No more has come for now. */
    void onBatchEnd();

    /** {@link DatagramLink#writable} was false, and is true again. */
    void onWritable();
  }

  /** Sets who gets what comes; once, before anything comes. */
  void receiver(Receiver receiver);

  /** Sends a datagram, from position to limit, which are left; its octets are copied. */
  void write(ByteBuffer datagram, InetSocketAddress to);

  /** What was written goes out now. */
  void flush();

  /** Whether what is written now has a chance to go out soon; if not, write later. */
  boolean writable();

  /** The port that peers call. */
  int localPort();

  /** Stops; what was not flushed is lost. */
  void close();
}

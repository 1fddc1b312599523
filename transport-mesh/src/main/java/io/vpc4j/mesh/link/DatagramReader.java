package io.vpc4j.mesh.link;

import io.vpc4j.core.net.EventLoops;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who reads a link's socket. Where there is a choice, the system property {@link #PROPERTY} has it:
 * {@code pieces}, {@code calls} or {@code netty}.
 */
public enum DatagramReader {
  /**
   * We do, and datagrams that came together are taken together: {@code recvmmsg} with {@code
   * UDP_GRO}. No object for a datagram.
   */
  PIECES("us, in pieces"),

  /** We do, many datagrams by a call: {@code recvmmsg}. No object for a datagram. */
  CALLS("us"),

  /** Netty's channel. Five objects for a datagram. */
  NETTY("Netty");

  /** The system property. */
  public static final String PROPERTY = "io.vpc4j.mesh.reader";

  private static final Logger LOG = LoggerFactory.getLogger(DatagramReader.class);

  private final String described;

  DatagramReader(String described) {
    this.described = described;
  }

  /** For people: who reads. */
  public String described() {
    return described;
  }

  /** The best that there is with these loops, or what the property says if there is that. */
  public static DatagramReader best(EventLoops.Io io) {
    var wanted = wanted();
    if (wanted == NETTY) {
      return NETTY;
    }
    if (io != EventLoops.Io.EPOLL) {
      LOG.debug("Datagrams are read by Netty: there is no epoll");
      return NETTY;
    }
    var absence = NativeCalls.absence();
    if (absence != null) {
      LOG.debug("Datagrams are read by Netty: {}", absence);
      return NETTY;
    }
    return wanted;
  }

  private static DatagramReader wanted() {
    var wanted = System.getProperty(PROPERTY);
    if (wanted == null) {
      return PIECES;
    }
    for (var reader : values()) {
      if (reader.toString().equals(wanted)) {
        return reader;
      }
    }
    throw new IllegalArgumentException(
        "-D" + PROPERTY + "=" + wanted + ": pieces, calls or netty are meant");
  }

  /** {@code pieces}, {@code calls} or {@code netty}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

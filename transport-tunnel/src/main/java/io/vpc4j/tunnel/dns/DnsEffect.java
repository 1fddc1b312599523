package io.vpc4j.tunnel.dns;

import io.vpc4j.VpcException;
import io.vpc4j.core.net.IpAddress;
import java.nio.ByteBuffer;
import java.util.List;

/** What {@link DnsLookups} wants done, and what it has to say. */
public sealed interface DnsEffect {

  /** How messages travel. */
  enum Path {
    /** A UDP session: a message is a datagram. */
    DATAGRAMS,
    /** A stream: each message after its length in two octets. RFC 7766 8 */
    STREAM
  }

  /**
   * Messages are to be sent, and what comes back is to be told by {@link DnsLookups#onMessage}.
   *
   * @param exchangeId its number, used once
   * @param path how
   * @param tunnelId through which tunnel
   * @param dest to whom: {@code ip:port}
   * @param messages one or two queries, to be sent together
   * @param deadlineNs when it will be closed at the latest
   */
  record Open(
      long exchangeId,
      Path path,
      String tunnelId,
      String dest,
      List<ByteBuffer> messages,
      long deadlineNs)
      implements DnsEffect {}

  /** An exchange is over, whether or not it was opened in the end. */
  record Close(long exchangeId) implements DnsEffect {}

  /** A lookup has its addresses: at least one. */
  record Resolved(DnsTicket ticket, List<IpAddress> addresses) implements DnsEffect {}

  /** A lookup has failed, with {@code DNS_ERROR} or {@code DNS_TIMEOUT}. */
  record Failed(DnsTicket ticket, VpcException failure) implements DnsEffect {}
}

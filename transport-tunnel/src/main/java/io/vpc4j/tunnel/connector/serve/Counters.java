package io.vpc4j.tunnel.connector.serve;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What has been served, for {@code /metrics}. [C] 8. Safe for use by many threads. */
public final class Counters {

  /** HTTP requests, WebSockets and TCP streams. */
  public final LongAdder requests = new LongAdder();

  /** Of those, the ones that could not be served. */
  public final LongAdder requestErrors = new LongAdder();

  /** Of those, the ones under way. */
  public final AtomicLong concurrentRequests = new AtomicLong();

  /** TCP streams to the private network. */
  public final LongAdder tcpSessions = new LongAdder();

  /** Of those, the ones under way. */
  public final AtomicLong activeTcpSessions = new AtomicLong();

  /** TCP streams that could not be connected. */
  public final LongAdder tcpErrors = new LongAdder();

  /** UDP sessions. */
  public final LongAdder udpSessions = new LongAdder();

  /** Of those, the ones under way. */
  public final AtomicLong activeUdpSessions = new AtomicLong();

  /** Datagrams that were dropped: too long, for no session, or with no room for them. */
  public final LongAdder droppedDatagrams = new LongAdder();

  /** Conversations with the virtual DNS service over TCP. */
  public final LongAdder dnsOverTcp = new LongAdder();

  /** Conversations with the virtual DNS service over UDP. */
  public final LongAdder dnsOverUdp = new LongAdder();

  private final Map<Integer, LongAdder> responses = new ConcurrentHashMap<>();

  /** A response of that status has been passed on. */
  public void response(int status) {
    responses.computeIfAbsent(status, code -> new LongAdder()).increment();
  }

  /** How many responses by status. */
  public Map<Integer, LongAdder> responses() {
    return responses;
  }
}

package io.vpc4j.tunnel.connector.config;

import java.time.Duration;

/**
 * How the private network is dialled: {@code warp-routing}. Its {@code enabled} is accepted and
 * means nothing, as with every {@code cloudflared} since 2025.7.0. [C] 1.7, 7.1
 *
 * @param connectTimeout for the TCP handshake; default 5 s
 * @param tcpKeepAlive whether the operating system probes an idle destination; zero turns it off;
 *     default 30 s
 * @param maxActiveFlows TCP streams and UDP sessions at one time, of the whole connector; 0 for any
 *     number
 * @param rules which destinations may be dialled; ours, {@code cloudflared} has none
 */
public record WarpRouting(
    Duration connectTimeout, Duration tcpKeepAlive, long maxActiveFlows, FlowRules rules) {

  /** What holds where nothing is said. */
  public static final WarpRouting DEFAULTS =
      new WarpRouting(Duration.ofSeconds(5), Duration.ofSeconds(30), 0, FlowRules.NONE);

  static WarpRouting read(Section section) throws ConfigException {
    section.flag("enabled", true);
    return new WarpRouting(
        section.duration("connectTimeout", DEFAULTS.connectTimeout),
        section.duration("tcpKeepAlive", DEFAULTS.tcpKeepAlive),
        section.number("maxActiveFlows", 0, Long.MAX_VALUE),
        FlowRules.read(section.sections("ipRules")));
  }
}

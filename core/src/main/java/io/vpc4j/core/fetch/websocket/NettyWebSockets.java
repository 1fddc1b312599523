package io.vpc4j.core.fetch.websocket;

import io.vpc4j.Headers;
import io.vpc4j.core.fetch.exchange.WebSockets;
import java.security.SecureRandom;

/** WebSockets over Netty's frame codec. */
public final class NettyWebSockets implements WebSockets {

  private static final int KEY_OCTETS = 16;

  private final SecureRandom random = new SecureRandom();

  /** Ready at once. */
  public NettyWebSockets() {}

  @Override
  public Handshake begin(Headers wanted) {
    var key = new byte[KEY_OCTETS];
    random.nextBytes(key); // RFC 6455 4.1: fresh for each connection
    return new OpeningHandshake(wanted, key);
  }
}

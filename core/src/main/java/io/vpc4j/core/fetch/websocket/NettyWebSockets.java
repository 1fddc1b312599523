package io.vpc4j.core.fetch.websocket;

import io.vpc4j.Headers;
import io.vpc4j.core.fetch.exchange.WebSockets;
import java.security.SecureRandom;

/** WebSockets over Netty's frame codec. */
public final class NettyWebSockets implements WebSockets {

  private final SecureRandom random = new SecureRandom();

  /** Ready at once. */
  public NettyWebSockets() {}

  @Override
  public Handshake begin(Headers wanted) {
    return new OpeningHandshake(wanted, random);
  }
}

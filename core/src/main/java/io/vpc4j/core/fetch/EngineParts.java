package io.vpc4j.core.fetch;

import io.vpc4j.core.fetch.exchange.Protocols;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.Ticker;
import java.util.concurrent.Executor;

/**
 * What the bindings of one {@link io.vpc4j.Vpc} share.
 *
 * @param transports finds who carries a hop
 * @param eventLoops not the engine's to close
 * @param ticker the clock of every deadline
 * @param application where futures complete and publishers and listeners are called
 * @param blocking where streams and files are read, and transports opened; must not run a task on
 *     the caller
 * @param protocols TLS, HTTP/2, WebSocket, content decoding
 */
public record EngineParts(
    Transports transports,
    EventLoops eventLoops,
    Ticker ticker,
    Executor application,
    Executor blocking,
    Protocols protocols) {}

package io.vpc4j.core.fetch.exchange;

/**
 * The layers the engine is put together from, HTTP/1.1 being its own.
 *
 * @param tls for https
 * @param http2 for connections that negotiated it, or were told to speak it
 * @param webSockets for {@code Upgrade: websocket}
 * @param decoders for Content-Encoding
 */
public record Protocols(
    TlsLayer tls, Http2Layer http2, WebSockets webSockets, ContentDecoder.Factory decoders) {}

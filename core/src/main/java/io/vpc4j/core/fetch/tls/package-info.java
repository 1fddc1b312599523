/**
 * TLS to a destination: verification modes, private authorities, client certificates, ALPN.
 *
 * <p>{@link io.vpc4j.core.fetch.tls.NettyTls} is the layer; {@code TlsContexts} makes and keeps the
 * contexts; {@code TlsFailures} tells a certificate that was not accepted from a handshake that
 * failed otherwise.
 *
 * <p>Specification tags: RFC 8446 (TLS 1.3), RFC 9525 (service identity), RFC 7301 (ALPN), RFC 6066
 * (SNI).
 */
package io.vpc4j.core.fetch.tls;

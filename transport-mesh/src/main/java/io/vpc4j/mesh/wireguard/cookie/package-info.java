/**
 * What guards the handshake from those who only want it to cost us something: mac1, cookies and
 * mac2, and a limit per source. [W] 5.3, 5.4.4, 5.4.7
 *
 * <p>A mac1 proves that the sender knows whom it calls; it costs one hash to check and nothing else
 * is done for a message without it. A receiver under load also wants a mac2, which proves that the
 * sender receives at its address: {@link io.vpc4j.mesh.wireguard.cookie.CookieGiver} hands out what
 * it takes, {@link io.vpc4j.mesh.wireguard.cookie.CookieTaker} keeps what a peer handed to us.
 */
package io.vpc4j.mesh.wireguard.cookie;

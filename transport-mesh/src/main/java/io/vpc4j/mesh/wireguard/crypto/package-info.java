/**
 * The primitives that WireGuard is made of: X25519, ChaCha20-Poly1305, BLAKE2s and the types that
 * hold keys.
 *
 * <p>Specification tags used in this package and those beside it:
 *
 * <ul>
 *   <li>{@code [W]} J. A. Donenfeld, "WireGuard: Next Generation Kernel Network Tunnel", the
 *       whitepaper of 1 June 2020.
 *   <li>{@code [N]} T. Perrin, "The Noise Protocol Framework", revision 34.
 *   <li>RFC 7693 BLAKE2, RFC 7748 X25519, RFC 8439 ChaCha20 and Poly1305.
 * </ul>
 *
 * <p>Nothing here knows a message. What is secret is held by {@link
 * io.vpc4j.mesh.wireguard.crypto.SecretBytes} or by a cipher that can be wiped, and prints as a
 * constant.
 */
package io.vpc4j.mesh.wireguard.crypto;

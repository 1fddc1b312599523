/**
 * The handshake: Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s as WireGuard uses it. Messages are built and
 * read in place; what comes out is a pair of keys. No clock, no timers, no table of peers. [W] 5.4,
 * [N] 7.5
 *
 * <p>Read {@link io.vpc4j.mesh.wireguard.noise.SymmetricState} first: the few operations that the
 * paper's pages of formulas are made of. Then {@link io.vpc4j.mesh.wireguard.noise.Initiator} and
 * {@link io.vpc4j.mesh.wireguard.noise.Responder}, each in the paper's order.
 *
 * <p>Does not live here: mac1, mac2 and cookies, which guard the handshake and are no part of it.
 */
package io.vpc4j.mesh.wireguard.noise;

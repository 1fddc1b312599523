package io.vpc4j.mesh.wireguard;

import io.vpc4j.mesh.wireguard.noise.Initiator;

/**
 * We called and nobody answered yet. A peer has one of them or none. [W] 5.4.2
 *
 * @param peer who was called
 * @param index ours, that the answer names
 * @param initiator what the answer is read with; owns the attempt's secrets
 * @param begunNs when the initiation was written
 */
record PendingHandshake(Peer peer, int index, Initiator initiator, long begunNs)
    implements Indexed {}

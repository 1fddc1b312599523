package io.vpc4j.tunnel.connector;

import io.vpc4j.tunnel.rpc.ClientInfo;
import io.vpc4j.tunnel.rpc.TunnelAuth;
import java.util.UUID;

/**
 * Who a connector is.
 *
 * @param tunnelId which tunnel it serves
 * @param auth what it shows
 * @param client what it says of itself; its id is new with each process
 */
public record Identity(UUID tunnelId, TunnelAuth auth, ClientInfo client) {}

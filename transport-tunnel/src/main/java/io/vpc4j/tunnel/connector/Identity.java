package io.vpc4j.tunnel.connector;

import io.vpc4j.tunnel.TunnelCredentials;
import io.vpc4j.tunnel.rpc.ClientInfo;

/**
 * Who a connector is.
 *
 * @param credentials what it shows
 * @param client what it says of itself; its id is new with each process
 */
public record Identity(TunnelCredentials credentials, ClientInfo client) {}

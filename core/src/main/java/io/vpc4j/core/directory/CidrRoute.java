package io.vpc4j.core.directory;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.spi.NextHop;

/**
 * A prefix and who carries it.
 *
 * @param network the prefix
 * @param virtualNetworkId where it holds
 * @param hop a tunnel, a node, or a hop of a transport from elsewhere
 * @param comment for people; may be empty
 */
public record CidrRoute(Cidr network, String virtualNetworkId, NextHop hop, String comment) {}

package io.vpc4j.tunnel.carrier;

import io.netty.channel.Channel;
import io.vpc4j.tunnel.stream.ConnectResponse;

/**
 * A stream that the connector has accepted.
 *
 * @param response without an error; for HTTP and WebSocket with the status and the headers as
 *     metadata, in the form they have over QUIC, whatever the carrier
 * @param channel its raw octets; see {@link EdgeCarrier}
 */
public record OpenStream(ConnectResponse response, Channel channel) {}

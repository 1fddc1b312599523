package io.vpc4j.tunnel.carrier;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.DefaultByteBufHolder;
import io.netty.buffer.Unpooled;

/**
 * Octets after which the output ends, written to a stream's channel.
 *
 * <p>The end travels with the octets: over QUIC as their FIN, over HTTP/2 as END_STREAM on the same
 * frame. Whoever knows the end together with the last octets says it so, and not with an empty one
 * afterwards.
 */
public final class LastOctets extends DefaultByteBufHolder {

  /** The last ones; may be empty. */
  public LastOctets(ByteBuf octets) {
    super(octets);
  }

  /** The end alone. */
  public static LastOctets none() {
    return new LastOctets(Unpooled.EMPTY_BUFFER);
  }

  @Override
  public LastOctets replace(ByteBuf content) {
    return new LastOctets(content);
  }

  @Override
  public LastOctets retain() {
    super.retain();
    return this;
  }

  @Override
  public LastOctets retain(int increment) {
    super.retain(increment);
    return this;
  }

  @Override
  public LastOctets touch() {
    super.touch();
    return this;
  }

  @Override
  public LastOctets touch(Object hint) {
    super.touch(hint);
    return this;
  }
}

package io.vpc4j.mesh.channel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What can be set on a stream: half-closure, and a linger of 0, which makes a close a reset.
 * Options of the operating system's sockets are refused, as Netty has it for options a channel
 * lacks.
 */
final class NetstackChannelConfig extends DefaultChannelConfig {

  private volatile boolean allowHalfClosure;
  private volatile int lingerSeconds = -1;

  NetstackChannelConfig(Channel channel) {
    super(channel);
  }

  boolean allowHalfClosure() {
    return allowHalfClosure;
  }

  /** Whether a close is to be a reset. */
  boolean resetsOnClose() {
    return lingerSeconds == 0;
  }

  @Override
  public Map<ChannelOption<?>, Object> getOptions() {
    return getOptions(
        super.getOptions(), ChannelOption.ALLOW_HALF_CLOSURE, ChannelOption.SO_LINGER);
  }

  @Override
  @SuppressWarnings("unchecked") // the option says what its value is
  public <T> @Nullable T getOption(ChannelOption<T> option) {
    if (ChannelOption.ALLOW_HALF_CLOSURE.equals(option)) {
      return (T) Boolean.valueOf(allowHalfClosure);
    }
    if (ChannelOption.SO_LINGER.equals(option)) {
      return (T) Integer.valueOf(lingerSeconds);
    }
    return super.getOption(option);
  }

  @Override
  public <T> boolean setOption(ChannelOption<T> option, T value) {
    validate(option, value);
    if (ChannelOption.ALLOW_HALF_CLOSURE.equals(option)) {
      allowHalfClosure = (Boolean) value;
    } else if (ChannelOption.SO_LINGER.equals(option)) {
      lingerSeconds = (Integer) value;
    } else {
      return super.setOption(option, value);
    }
    return true;
  }
}

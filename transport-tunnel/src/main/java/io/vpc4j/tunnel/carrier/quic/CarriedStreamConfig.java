package io.vpc4j.tunnel.carrier.quic;

import static io.netty.channel.ChannelOption.ALLOW_HALF_CLOSURE;
import static io.netty.channel.ChannelOption.SO_LINGER;

import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.WriteBufferWaterMark;
import io.vpc4j.tunnel.carrier.Windows;
import java.util.Map;

/**
 * The options of a {@link CarriedStream}, beside every channel's: {@code ALLOW_HALF_CLOSURE}, off
 * by default, and {@code SO_LINGER}, where 0 has {@code close} reset the stream.
 */
final class CarriedStreamConfig extends DefaultChannelConfig {

  private volatile boolean allowHalfClosure;
  private volatile int soLinger = -1;

  CarriedStreamConfig(CarriedStream stream) {
    super(stream);
    setWriteBufferWaterMark(
        new WriteBufferWaterMark(Windows.WRITE_LOW_OCTETS, Windows.WRITE_HIGH_OCTETS));
  }

  boolean isAllowHalfClosure() {
    return allowHalfClosure;
  }

  void setAllowHalfClosure(boolean allowed) {
    allowHalfClosure = allowed;
  }

  int getSoLinger() {
    return soLinger;
  }

  @Override
  public Map<ChannelOption<?>, Object> getOptions() {
    return getOptions(super.getOptions(), ALLOW_HALF_CLOSURE, SO_LINGER);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> T getOption(ChannelOption<T> option) {
    if (ALLOW_HALF_CLOSURE.equals(option)) {
      return (T) Boolean.valueOf(allowHalfClosure);
    }
    if (SO_LINGER.equals(option)) {
      return (T) Integer.valueOf(soLinger);
    }
    return super.getOption(option);
  }

  @Override
  public <T> boolean setOption(ChannelOption<T> option, T value) {
    if (ALLOW_HALF_CLOSURE.equals(option)) {
      allowHalfClosure = (Boolean) value;
      return true;
    }
    if (SO_LINGER.equals(option)) {
      soLinger = (Integer) value;
      return true;
    }
    return super.setOption(option, value);
  }
}

package io.vpc4j.core.netty;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannelConfig;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The options of a {@link BindingChannel}.
 *
 * <p>Those of Netty itself mean what they mean. Of those of a socket, {@code ALLOW_HALF_CLOSURE}
 * and {@code SO_LINGER} mean what they mean where the transport can half-close and reset; the
 * others ({@code TCP_NODELAY}, {@code SO_KEEPALIVE}, {@code SO_REUSEADDR}, {@code SO_SNDBUF},
 * {@code SO_RCVBUF}, {@code IP_TOS}) are kept and given back and change nothing, for programs set
 * them without asking, and there is no socket of theirs: the transport has set its own.
 *
 * <p>Any thread.
 */
final class BindingChannelConfig extends DefaultChannelConfig implements SocketChannelConfig {

  /**
   * A writer waits at 1 MiB that has not gone, until half of it has: early enough for one on
   * another loop to be there before the rest has.
   */
  private static final WriteBufferWaterMark WATER_MARKS =
      new WriteBufferWaterMark(512 * 1024, 1024 * 1024);

  private static final int DEFAULT_BUFFER_OCTETS = 256 * 1024;

  private final BindingChannel bindingChannel;
  private final Map<ChannelOption<?>, Object> values = new ConcurrentHashMap<>();

  BindingChannelConfig(BindingChannel channel) {
    super(channel);
    bindingChannel = channel;
    super.setWriteBufferWaterMark(WATER_MARKS);
    values.put(ChannelOption.ALLOW_HALF_CLOSURE, false);
    values.put(ChannelOption.SO_LINGER, -1);
    values.put(ChannelOption.TCP_NODELAY, true);
    values.put(ChannelOption.SO_KEEPALIVE, false);
    values.put(ChannelOption.SO_REUSEADDR, false);
    values.put(ChannelOption.SO_SNDBUF, DEFAULT_BUFFER_OCTETS);
    values.put(ChannelOption.SO_RCVBUF, DEFAULT_BUFFER_OCTETS);
    values.put(ChannelOption.IP_TOS, 0);
  }

  @Override
  protected void autoReadCleared() {
    bindingChannel.readNoMore();
  }

  // ---- options by name

  @Override
  public Map<ChannelOption<?>, Object> getOptions() {
    return getOptions(super.getOptions(), values.keySet().toArray(ChannelOption<?>[]::new));
  }

  @SuppressWarnings("unchecked")
  @Override
  public <T> @Nullable T getOption(ChannelOption<T> option) {
    return values.containsKey(option) ? (T) values.get(option) : super.getOption(option);
  }

  @Override
  public <T> boolean setOption(ChannelOption<T> option, T value) {
    if (!values.containsKey(option)) {
      return super.setOption(option, value);
    }
    validate(option, value);
    values.put(option, value);
    return true;
  }

  @SuppressWarnings("unchecked")
  private <T> T value(ChannelOption<T> option) {
    return (T) Objects.requireNonNull(values.get(option));
  }

  private <T> SocketChannelConfig keep(ChannelOption<T> option, T value) {
    values.put(option, value);
    return this;
  }

  // ---- those of a socket

  @Override
  public boolean isAllowHalfClosure() {
    return value(ChannelOption.ALLOW_HALF_CLOSURE);
  }

  @Override
  public SocketChannelConfig setAllowHalfClosure(boolean value) {
    return keep(ChannelOption.ALLOW_HALF_CLOSURE, value);
  }

  @Override
  public int getSoLinger() {
    return value(ChannelOption.SO_LINGER);
  }

  @Override
  public SocketChannelConfig setSoLinger(int value) {
    return keep(ChannelOption.SO_LINGER, value);
  }

  @Override
  public boolean isTcpNoDelay() {
    return value(ChannelOption.TCP_NODELAY);
  }

  @Override
  public SocketChannelConfig setTcpNoDelay(boolean value) {
    return keep(ChannelOption.TCP_NODELAY, value);
  }

  @Override
  public boolean isKeepAlive() {
    return value(ChannelOption.SO_KEEPALIVE);
  }

  @Override
  public SocketChannelConfig setKeepAlive(boolean value) {
    return keep(ChannelOption.SO_KEEPALIVE, value);
  }

  @Override
  public boolean isReuseAddress() {
    return value(ChannelOption.SO_REUSEADDR);
  }

  @Override
  public SocketChannelConfig setReuseAddress(boolean value) {
    return keep(ChannelOption.SO_REUSEADDR, value);
  }

  @Override
  public int getSendBufferSize() {
    return value(ChannelOption.SO_SNDBUF);
  }

  @Override
  public SocketChannelConfig setSendBufferSize(int value) {
    return keep(ChannelOption.SO_SNDBUF, value);
  }

  @Override
  public int getReceiveBufferSize() {
    return value(ChannelOption.SO_RCVBUF);
  }

  @Override
  public SocketChannelConfig setReceiveBufferSize(int value) {
    return keep(ChannelOption.SO_RCVBUF, value);
  }

  @Override
  public int getTrafficClass() {
    return value(ChannelOption.IP_TOS);
  }

  @Override
  public SocketChannelConfig setTrafficClass(int value) {
    return keep(ChannelOption.IP_TOS, value);
  }

  @Override
  public SocketChannelConfig setPerformancePreferences(
      int connectionTime, int latency, int bandwidth) {
    return this; // as with the JDK's sockets
  }

  // ---- as of any channel

  @Override
  public SocketChannelConfig setConnectTimeoutMillis(int connectTimeoutMillis) {
    super.setConnectTimeoutMillis(connectTimeoutMillis);
    return this;
  }

  @Override
  @Deprecated
  public SocketChannelConfig setMaxMessagesPerRead(int maxMessagesPerRead) {
    super.setMaxMessagesPerRead(maxMessagesPerRead);
    return this;
  }

  @Override
  public SocketChannelConfig setWriteSpinCount(int writeSpinCount) {
    super.setWriteSpinCount(writeSpinCount);
    return this;
  }

  @Override
  public SocketChannelConfig setAllocator(ByteBufAllocator allocator) {
    super.setAllocator(allocator);
    return this;
  }

  @Override
  public SocketChannelConfig setRecvByteBufAllocator(RecvByteBufAllocator allocator) {
    super.setRecvByteBufAllocator(allocator);
    return this;
  }

  @Override
  public SocketChannelConfig setAutoRead(boolean autoRead) {
    super.setAutoRead(autoRead);
    return this;
  }

  @Override
  public SocketChannelConfig setAutoClose(boolean autoClose) {
    super.setAutoClose(autoClose);
    return this;
  }

  @Override
  public SocketChannelConfig setMessageSizeEstimator(MessageSizeEstimator estimator) {
    super.setMessageSizeEstimator(estimator);
    return this;
  }

  @Override
  public SocketChannelConfig setWriteBufferWaterMark(WriteBufferWaterMark waterMark) {
    super.setWriteBufferWaterMark(waterMark);
    return this;
  }
}

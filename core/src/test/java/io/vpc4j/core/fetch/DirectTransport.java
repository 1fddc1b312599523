package io.vpc4j.core.fetch;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.spi.Dial;
import io.vpc4j.core.spi.Lookup;
import io.vpc4j.core.spi.Transport;
import io.vpc4j.core.spi.TransportStatus;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Dials this machine. Names resolve to what {@link #names} says; some never answer. */
final class DirectTransport implements Transport {

  private final EventLoops loops;

  /** Of every channel's buffers: what it has lent is what was not released. */
  final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);

  final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
  final Map<String, List<IpAddress>> names = new ConcurrentHashMap<>();
  final Set<String> silentNames = ConcurrentHashMap.newKeySet();
  final Set<IpAddress> blackHoles = ConcurrentHashMap.newKeySet();
  final ConcurrentLinkedQueue<IpAddress> dialled = new ConcurrentLinkedQueue<>();
  final ConcurrentLinkedQueue<Future<?>> unanswered = new ConcurrentLinkedQueue<>();

  DirectTransport(EventLoops loops) {
    this.loops = loops;
  }

  @Override
  public Future<Channel> connect(Dial dial) {
    Promise<Channel> promise = loops.group().next().newPromise();
    dialled.add(dial.address());
    if (blackHoles.contains(dial.address())) {
      unanswered.add(promise);
      return promise;
    }
    var connecting =
        new Bootstrap()
            .group(loops.group())
            .channelFactory(loops.socketChannels())
            .option(ChannelOption.ALLOW_HALF_CLOSURE, false)
            .option(ChannelOption.ALLOCATOR, allocator)
            .handler(dial.initializer())
            .connect(new InetSocketAddress(dial.address().toInetAddress(), dial.port()));
    channels.add(connecting.channel());
    connecting.addListener(
        done -> {
          if (!done.isSuccess()) {
            promise.tryFailure(
                new VpcException(
                    ErrorCode.CONNECTION_REFUSED, Stage.CONNECT, "Refused.", done.cause()));
          } else if (!promise.trySuccess(connecting.channel())) {
            connecting.channel().close();
          }
        });
    return promise;
  }

  @Override
  public Future<List<IpAddress>> resolve(Lookup lookup) {
    Promise<List<IpAddress>> promise = loops.group().next().newPromise();
    var known = names.get(lookup.name());
    if (silentNames.contains(lookup.name())) {
      unanswered.add(promise);
    } else if (known == null) {
      promise.setFailure(
          new VpcException(ErrorCode.DNS_ERROR, Stage.RESOLVE, "There is no such name."));
    } else {
      promise.setSuccess(known);
    }
    return promise;
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.HALF_CLOSE);
  }

  @Override
  public TransportStatus status() {
    return new TransportStatus(true, "direct", Map.of());
  }

  @Override
  public void close() {
    channels.close();
  }
}

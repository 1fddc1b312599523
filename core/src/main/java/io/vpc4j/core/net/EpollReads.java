package io.vpc4j.core.net;

import io.netty.channel.Channel;
import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A channel of Netty's epoll whose socket somebody else reads: what epoll has to tell goes through
 * here, and the channel hears of everything but what there is to read.
 *
 * <p>No read can meet a descriptor that was closed, and its number given to another: a datagram
 * channel is closed on its loop, where it is also read, and no event is passed on after that.
 */
final class EpollReads implements EpollIoHandle {

  /** Channels that have a reader and are not registered yet, by what they will register. */
  private static final Map<IoHandle, EpollReads> AWAITED = new ConcurrentHashMap<>();

  private static final EpollIoEvent WRITABLE = () -> EpollIoOps.EPOLLOUT;

  private final Channel channel;
  private final EpollIoHandle handle;
  private final SocketReader reader;

  private EpollReads(Channel channel, EpollIoHandle handle, SocketReader reader) {
    this.channel = channel;
    this.handle = handle;
    this.reader = reader;
  }

  /** Has {@code reader} read a channel of epoll that is about to be registered. */
  static void await(Channel channel, SocketReader reader) {
    var handle = (EpollIoHandle) channel.unsafe();
    AWAITED.put(handle, new EpollReads(channel, handle, reader));
    channel.closeFuture().addListener(closed -> AWAITED.remove(handle));
  }

  /** What is to be registered in place of {@code handle}; mostly that itself. */
  static IoHandle of(IoHandle handle) {
    var reads = AWAITED.remove(handle);
    return reads != null ? reads : handle;
  }

  @Override
  public FileDescriptor fd() {
    return handle.fd();
  }

  @Override
  public void registered() {
    handle.registered();
  }

  @Override
  public void unregistered() {
    handle.unregistered();
  }

  /** First what can be written, as Netty has it; an error is told by the read that meets it. */
  @Override
  public void handle(IoRegistration registration, IoEvent event) {
    var ops = ((EpollIoEvent) event).ops();
    var fault = ops.contains(EpollIoOps.EPOLLERR);
    if (!channel.config().isAutoRead()) {
      handle.handle(registration, event);
      return;
    }
    if (fault || ops.contains(EpollIoOps.EPOLLOUT)) {
      handle.handle(registration, WRITABLE);
    }
    if ((fault || ops.contains(EpollIoOps.EPOLLIN))
        && channel.isOpen()
        && !reader.onReadable()
        && channel.isOpen()) {
      handle.handle(registration, ops.contains(EpollIoOps.EPOLLOUT) ? withoutOut(ops) : event);
    }
  }

  private static EpollIoEvent withoutOut(EpollIoOps ops) {
    var rest = ops.without(EpollIoOps.EPOLLOUT);
    return () -> rest;
  }

  @Override
  public void close() {
    channel.unsafe().close(channel.voidPromise());
  }
}

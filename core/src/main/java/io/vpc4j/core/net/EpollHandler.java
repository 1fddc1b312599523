package io.vpc4j.core.net;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.util.concurrent.ThreadAwareExecutor;

/**
 * Netty's epoll handler without two of its traps, so that a channel behaves as over NIO.
 *
 * <p><b>A descriptor stays in the set while its channel lives.</b> Netty 4.2.13 to 4.2.20 answer a
 * channel that waits for nothing at the moment with {@code EPOLL_CTL_DEL}, and forget that they
 * did: the next wish is an {@code EPOLL_CTL_MOD}, which fails with ENOENT and closes the channel.
 * It befalls every socket whose input has ended once its output has to wait for room, and a
 * datagram or listening channel that is read again after a pause. So "nothing" is passed on as
 * {@code EPOLLET} alone: an error or a hangup is told once when it happens, and not again and again
 * as by a level-triggered empty mask.
 *
 * <p><b>Nothing is read unasked.</b> Netty always waits for {@code EPOLLRDHUP}, and reads all there
 * is when it comes, into a pipeline that may have nobody yet who listens. So that is waited for
 * only with {@code EPOLLIN}, as long as somebody reads.
 *
 * <p>And a wish that is the one before is no system call.
 *
 * <p>A socket may have a reader of its own: {@link EpollReads}.
 */
final class EpollHandler implements IoHandler {

  private final IoHandler handler;

  private EpollHandler(IoHandler handler) {
    this.handler = handler;
  }

  static IoHandlerFactory newFactory() {
    var factory = EpollIoHandler.newFactory();
    return new IoHandlerFactory() {
      @Override
      public IoHandler newHandler(ThreadAwareExecutor executor) {
        return new EpollHandler(factory.newHandler(executor));
      }

      @Override
      public boolean isChangingThreadSupported() {
        return factory.isChangingThreadSupported();
      }
    };
  }

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    return new Registration(handler.register(EpollReads.of(handle)));
  }

  @Override
  public void initialize() {
    handler.initialize();
  }

  @Override
  public int run(IoHandlerContext context) {
    return handler.run(context);
  }

  @Override
  public void prepareToDestroy() {
    handler.prepareToDestroy();
  }

  @Override
  public void destroy() {
    handler.destroy();
  }

  @Override
  public void wakeup() {
    handler.wakeup();
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> handleType) {
    return handler.isCompatible(handleType);
  }

  private static final class Registration implements IoRegistration {
    private final IoRegistration registration;
    private EpollIoOps last = EpollIoOps.NONE; // confined to the loop; never what is asked for

    Registration(IoRegistration registration) {
      this.registration = registration;
    }

    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals") // it is the interface's
    public <T> T attachment() {
      return registration.attachment();
    }

    @Override
    public long submit(IoOps ops) {
      var asked = asked((EpollIoOps) ops);
      if (asked.equals(last)) {
        return asked.value();
      }
      last = asked;
      return registration.submit(asked);
    }

    private static EpollIoOps asked(EpollIoOps ops) {
      var reads = ops.contains(EpollIoOps.EPOLLIN);
      var asked = reads ? ops : ops.without(EpollIoOps.EPOLLRDHUP);
      return asked.equals(EpollIoOps.NONE) ? EpollIoOps.EPOLLET : asked;
    }

    @Override
    public boolean isValid() {
      return registration.isValid();
    }

    @Override
    public boolean cancel() {
      return registration.cancel();
    }
  }
}

package io.vpc4j.core.runtime;

import io.netty.channel.Channel;
import io.vpc4j.ErrorCode;
import io.vpc4j.NetworkTarget;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.client.AcceptQueue;
import io.vpc4j.core.client.ChannelServerSocket;
import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.core.routing.BindingRoutes;
import io.vpc4j.core.routing.BindingSpec;
import io.vpc4j.core.spi.Listen;
import io.vpc4j.core.spi.NextHop;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Has a transport listen, and makes a socket of that. */
final class Listening {

  /** For the transport to say that it listens, or that it does not. */
  private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(10);

  private final InstalledTransports transports;
  private final Directory directory;
  private final Ticker ticker;

  Listening(InstalledTransports transports, Directory directory, Ticker ticker) {
    this.transports = transports;
    this.directory = directory;
    this.ticker = ticker;
  }

  /**
   * Listens where a binding points.
   *
   * @throws IllegalArgumentException if a figure cannot be
   * @throws VpcException if the transport cannot listen
   */
  ServerSocket open(BindingSpec.Network binding, int port, int backlog) throws VpcException {
    var queue = new AcceptQueue();
    var hop = hop(binding);
    var listen =
        new Listen(
            hop,
            directory.snapshot().binding(binding.name()).virtualNetworkId(),
            port,
            backlog,
            queue.initializer(),
            ticker.nowNs() + TIMEOUT_NS);
    var opening = transports.transportFor(hop).listen(listen);
    try {
      Channel channel = opening.get();
      return new ChannelServerSocket(channel, queue);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof VpcException failure) {
        failure.setStackTrace(Thread.currentThread().getStackTrace()); // the caller's, not a loop's
        throw failure;
      }
      throw internal(e.getCause());
    } catch (InterruptedException e) {
      opening.cancel(true);
      Thread.currentThread().interrupt();
      throw new VpcException(
          ErrorCode.REQUEST_ABORTED, Stage.CONFIGURE, "The thread was interrupted.", e);
    } catch (IOException e) {
      throw internal(e);
    }
  }

  private static NextHop hop(BindingSpec.Network binding) {
    if (binding.simulated()) {
      return new NextHop.LocalHop(binding.target().toString());
    }
    if (binding.target() instanceof NetworkTarget.Network network) {
      return BindingRoutes.hopOf(network).orElse(NextHop.NodeHop.SELF);
    }
    return new NextHop.TunnelHop(binding.target().id());
  }

  private static VpcException internal(@Nullable Throwable cause) {
    return new VpcException(
        ErrorCode.PROXY_INTERNAL_ERROR, Stage.CONFIGURE, "Listening failed: " + cause, cause);
  }
}

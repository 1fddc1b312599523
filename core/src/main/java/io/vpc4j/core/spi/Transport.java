package io.vpc4j.core.spi;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.ops.MetricFamily;
import java.util.List;
import java.util.Set;

/**
 * Makes channels to destinations behind the hops it carries.
 *
 * <p><b>Channels.</b> Octets in order and unchanged. Writability and auto-read carry back-pressure
 * end to end; every queue is bounded. A reset is told apart from an end of stream: it is {@code
 * exceptionCaught}, then {@code channelInactive}. Where {@link Capability#HALF_CLOSE} is declared,
 * the channel is a {@link io.netty.channel.socket.DuplexChannel}, and with {@link
 * io.netty.channel.ChannelOption#ALLOW_HALF_CLOSURE} set an end of stream leaves its output open.
 *
 * <p><b>Threads.</b> All methods may be called from any thread and never block. A channel's events
 * come on its own event loop, whichever that is.
 *
 * <p><b>Failure.</b> A future fails with a {@link VpcException} whose code and stage say what
 * happened. A dial that fails, is cancelled or passes its deadline leaves nothing behind: no
 * channel, timer or buffer.
 */
public interface Transport extends AutoCloseable {

  /** What a transport can do beyond a stream of octets. */
  enum Capability {
    /** Either side may end its output and go on reading. */
    HALF_CLOSE,
    /** Datagrams, through {@code connect} with {@link Dial.Kind#DATAGRAM}. */
    DATAGRAM,
    /** Connections from the other side, through {@link #listen}. */
    LISTEN
  }

  /**
   * Connects. The future completes when the far end has accepted, and not before.
   *
   * <p>Cancelling the future gives the dial up. {@link Dial#initializer} is added to the channel's
   * pipeline before its first event.
   */
  Future<Channel> connect(Dial dial);

  /**
   * Accepts connections that come from the other side.
   *
   * <p>The future completes with a server channel that listens: its local address has the port, and
   * closing it ends the listening and the connections that were not accepted. Its auto-read is off:
   * each {@link Channel#read} accepts one connection, now or when it comes. Accepted channels keep
   * the promises of those of {@link #connect}.
   *
   * <p>Fails with {@link ErrorCode#CONFIGURATION_ERROR} where there is no {@link
   * Capability#LISTEN}, and where the port is taken.
   */
  default Future<Channel> listen(Listen listen) {
    return ImmediateEventExecutor.INSTANCE.newFailedFuture(
        new VpcException(
            ErrorCode.CONFIGURATION_ERROR,
            Stage.CONFIGURE,
            "Nothing can be accepted by way of "
                + listen.hop()
                + ": it carries connections out, and none in. Listen on a binding to the mesh,"
                + " \"network_id\": \"cf1:network\"."));
  }

  /**
   * Resolves a name where it is known: at the far end, by the network that owns it.
   *
   * <p>Completes with at least one address, in the order to be tried, or fails with {@link
   * ErrorCode#DNS_ERROR} or {@link ErrorCode#DNS_TIMEOUT}.
   */
  Future<List<IpAddress>> resolve(Lookup lookup);

  /** What it can do. Constant. */
  Set<Capability> capabilities();

  /** How it stands, for people and for health checks. Never blocks. */
  TransportStatus status();

  /**
   * Figures for Prometheus, under names of its own that begin with {@code vpc4j_}; {@link
   * TransportStatus#gauges} are shown anyhow. Never blocks.
   */
  default List<MetricFamily> metrics() {
    return List.of();
  }

  /** Closes every channel and frees everything. Waits at most 2 s. May be called again. */
  @Override
  void close();
}

package io.vpc4j.core.fetch.pool;

import io.vpc4j.VpcException;
import io.vpc4j.core.fetch.exchange.HttpConnection;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.routing.PolicyJudge;
import io.vpc4j.core.routing.Route;

/** Makes connections for the pool. */
@FunctionalInterface
public interface Opener {

  /** Begins to make one; returns at once. */
  Opening open(PoolKey key, Route route, Listener listener);

  /** A connection in the making. */
  @FunctionalInterface
  interface Opening {
    /** Gives it up and leaves nothing behind; the listener hears nothing more. Any thread. */
    void cancel();
  }

  /** Hears what came of it: {@link #opened}, or {@link #failed}, once. Any thread. */
  interface Listener {
    /**
     * The channel is up, on its event loop; before its HTTP layer is added.
     *
     * @param address what was dialled in the end
     * @param policy who allowed it
     * @return who is to hear of the connection's exchanges; null if nobody wants it any more, and
     *     the channel must be closed
     */
    HttpConnection.@org.jspecify.annotations.Nullable Listener opening(
        IpAddress address, int port, PolicyJudge policy);

    /** It is ready. Follows {@link #opening}, on the event loop. */
    void opened(HttpConnection connection);

    /** There is none. */
    void failed(VpcException why);
  }
}

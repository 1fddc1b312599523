package io.vpc4j.core.fetch.pool;

import io.vpc4j.VpcException;

/** Who asked the pool for a connection and did not get one at once. Called once, on any thread. */
public interface Waiter {

  /**
   * Here it is, with one exchange counted on it. Start it at once, or give it back with {@link
   * ConnectionPool#giveBack}.
   */
  void onConnection(PooledConnection connection);

  /** There will be none. */
  void onNoConnection(VpcException why);
}

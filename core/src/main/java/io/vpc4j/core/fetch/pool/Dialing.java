package io.vpc4j.core.fetch.pool;

import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.fetch.exchange.HttpConnection;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.core.routing.PolicyJudge;
import io.vpc4j.core.routing.Route;
import org.jspecify.annotations.Nullable;

/**
 * One connection in the making. Its fields are the pool's, and guarded by the pool's lock.
 *
 * <p>It may be over before {@link Opener#open} has returned: on a fast loop the connection is in
 * use by then.
 */
final class Dialing implements Opener.Listener {

  private final ConnectionPool pool;
  private final Opener opener;
  private final Ticker ticker;
  final Origin origin;

  /** The request it is made for; null if that has been served, or has left. */
  @Nullable Waiting owner;

  Opener.@Nullable Opening opening;
  private @Nullable PooledConnection pooled;
  boolean over;
  private boolean succeeded;

  Dialing(ConnectionPool pool, Opener opener, Waiting owner, Ticker ticker) {
    this.pool = pool;
    this.opener = opener;
    this.ticker = ticker;
    this.origin = owner.origin;
    this.owner = owner;
  }

  void begin(Route route) {
    var begun = opener.open(origin.key, route, this);
    pool.lock();
    try {
      opening = begun;
      if (!over || succeeded) {
        return;
      }
    } finally {
      pool.unlockAndAct();
    }
    begun.cancel(); // given up before it had begun
  }

  @Override
  public HttpConnection.@Nullable Listener opening(
      IpAddress address, int port, PolicyJudge policy) {
    pool.lock();
    try {
      if (over) {
        return null;
      }
      pooled = new PooledConnection(pool, origin, address, port, policy, ticker.nowNs());
      return pooled;
    } finally {
      pool.unlockAndAct();
    }
  }

  @Override
  public void opened(HttpConnection connection) {
    pool.lock();
    try {
      var made = pooled;
      if (over || made == null || made.gone) {
        pool.defer(connection::close);
        pool.end(this, dead());
        return;
      }
      over = true;
      succeeded = true;
      pool.adopt(this, made, connection);
    } finally {
      pool.unlockAndAct();
    }
  }

  @Override
  public void failed(VpcException why) {
    pool.lock();
    try {
      pool.end(this, why);
    } finally {
      pool.unlockAndAct();
    }
  }

  static VpcException dead() {
    return new VpcException(
        ErrorCode.CONNECTION_TERMINATED, Stage.CONNECT, "The connection ended as it was made.");
  }
}

package io.vpc4j.core.fetch.pool;

import io.vpc4j.core.fetch.exchange.HttpConnection;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.routing.PolicyJudge;
import org.jspecify.annotations.Nullable;

/** A connection as the pool sees it. Its fields are the pool's, and guarded by the pool's lock. */
public final class PooledConnection implements HttpConnection.Listener, Sweeper.Timed {

  private final ConnectionPool pool;
  final Origin origin;
  private final IpAddress address;
  private final int port;
  private volatile @Nullable HttpConnection connection;
  private volatile PolicyJudge approvedBy;

  final long createdNs;
  long idleSinceNs;
  int exchanges;
  boolean idle;
  boolean gone;
  boolean used;

  PooledConnection(
      ConnectionPool pool,
      Origin origin,
      IpAddress address,
      int port,
      PolicyJudge approvedBy,
      long createdNs) {
    this.pool = pool;
    this.origin = origin;
    this.address = address;
    this.port = port;
    this.approvedBy = approvedBy;
    this.createdNs = createdNs;
  }

  /** The connection; there from the moment anybody but its opener can see this. */
  public HttpConnection http() {
    var open = connection;
    if (open == null) {
      throw new IllegalStateException("the connection is still being opened");
    }
    return open;
  }

  void opened(HttpConnection connection) {
    this.connection = connection;
  }

  /**
   * Asks the policy again if it is another than the one that let this be dialled.
   *
   * @throws io.vpc4j.VpcException if it forbids the address now
   */
  public void approve(String host, PolicyJudge policy) throws io.vpc4j.VpcException {
    if (approvedBy != policy) {
      policy.check(host, address, port);
      approvedBy = policy;
    }
  }

  @Override
  public void onExchangeEnd(HttpConnection connection) {
    pool.onExchangeEnd(this);
  }

  @Override
  public void onCapacityChange(HttpConnection connection) {
    pool.onCapacityChange(this);
  }

  @Override
  public void onClosed(HttpConnection connection) {
    pool.onClosed(this);
  }

  @Override
  public long dueNs() {
    var open = connection;
    return open == null ? Long.MAX_VALUE : open.dueNs();
  }

  @Override
  public void onDue(long nowNs) {
    http().onDue(nowNs);
  }
}

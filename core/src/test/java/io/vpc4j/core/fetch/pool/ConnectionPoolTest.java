package io.vpc4j.core.fetch.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vpc4j.Limits;
import io.vpc4j.Request.Http;
import io.vpc4j.Url;
import io.vpc4j.VpcException;
import io.vpc4j.core.directory.TlsSettings;
import io.vpc4j.core.fetch.exchange.Exchange;
import io.vpc4j.core.fetch.exchange.HttpConnection;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.routing.Route;
import io.vpc4j.core.spi.NextHop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A request whose connection proved to be dead gets one that nobody has used. */
class ConnectionPoolTest {

  private static final IpAddress ADDRESS = IpAddress.require("10.0.1.50");

  private final Limits limits = Limits.defaults().toBuilder().maxConnectionsPerOrigin(1).build();
  private final List<Connection> made = new ArrayList<>();
  private final Route route =
      new Route(
          new NextHop.LocalHop("test"),
          "10.0.1.50",
          List.of(ADDRESS),
          80,
          List.of(),
          TlsSettings.DEFAULT,
          (host, address, port) -> {});
  private final PoolKey key = PoolKey.of(route, Url.parse("http://10.0.1.50/"), Http.HTTP_1_1);
  private final ConnectionPool pool =
      new ConnectionPool(
          () -> limits,
          this::open,
          new Sweeper(new EmbeddedChannel().eventLoop(), () -> 0, 1_000_000_000L),
          () -> 0);

  private Opener.Opening open(PoolKey wanted, Route by, Opener.Listener listener) {
    var connection = new Connection();
    connection.listener = listener.opening(ADDRESS, 80, by.policy());
    made.add(connection);
    listener.opened(connection);
    return () -> {};
  }

  private Got await(boolean fresh) {
    var got = new Got();
    pool.await(key, route, got, Long.MAX_VALUE, fresh);
    return got;
  }

  @Test
  void aConnectionThatComesBackIsForWhoeverWaits() {
    var first = await(false);
    var second = await(false);
    assertNull(second.connection);

    pool.onExchangeEnd(first.connection);
    assertSame(first.connection, second.connection);
  }

  @Test
  void whoeverWantsAFreshOneDoesNotGetOneThatWasUsed() {
    var first = await(false);
    var fresh = await(true);
    assertNull(fresh.connection, "the bound is reached");

    pool.onExchangeEnd(first.connection);
    assertEquals(2, made.size(), "it is closed, and its place is used to dial");
    assertTrue(made.get(0).closed);
    assertNotSame(first.connection, fresh.connection);
    assertSame(made.get(1), fresh.connection.http());
  }

  @Test
  void othersBehindItAreServedByTheOneThatWasUsed() {
    var first = await(false);
    var fresh = await(true);
    var other = await(false);

    pool.onExchangeEnd(first.connection);
    assertSame(first.connection, other.connection);
    assertNull(fresh.connection, "it waits for its turn");

    pool.onExchangeEnd(other.connection);
    assertSame(made.get(1), fresh.connection.http());
  }

  /** What a request got. */
  private static final class Got implements Waiter {
    private PooledConnection connection;

    @Override
    public void onConnection(PooledConnection given) {
      connection = given;
    }

    @Override
    public void onNoConnection(VpcException why) {
      throw new AssertionError(why);
    }
  }

  /** Carries one exchange at a time; closes when it is told to. */
  private static final class Connection implements HttpConnection {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private HttpConnection.Listener listener;
    private boolean closed;

    @Override
    public Channel channel() {
      return channel;
    }

    @Override
    public int capacity() {
      return 1;
    }

    @Override
    public void start(Exchange exchange) {
      throw new AssertionError("a pool hands connections out and speaks on none");
    }

    @Override
    public void cancel(Exchange exchange, VpcException why) {
      throw new AssertionError("a pool hands connections out and speaks on none");
    }

    @Override
    public void consumed(Exchange exchange, int octets) {
      throw new AssertionError("a pool hands connections out and speaks on none");
    }

    @Override
    public long dueNs() {
      return Long.MAX_VALUE;
    }

    @Override
    public void onDue(long nowNs) {
      // nothing is ever due
    }

    @Override
    public void drain() {
      close();
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        channel.close();
        listener.onClosed(this);
      }
    }
  }
}

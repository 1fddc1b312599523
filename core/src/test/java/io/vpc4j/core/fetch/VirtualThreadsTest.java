package io.vpc4j.core.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vpc4j.Limits;
import io.vpc4j.Request;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Blocking fetches on virtual threads: ten thousand of them wait at once, on the few carriers there
 * are. The far end answers nobody until all have asked, so one that held its carrier while it waits
 * would keep the others from asking, and nothing would ever end.
 */
@Timeout(100)
class VirtualThreadsTest extends EngineTest {

  private static final int FETCHES = 10_000;

  @Test
  void tenThousandFetchesWaitAtOnce() throws Exception {
    assumeTrue(
        Runtime.version().feature() >= 21,
        "NOT RUN: this JDK has no virtual threads; 21 or later is needed to show that none is pinned");
    engines.limits =
        Limits.defaults().toBuilder().maxWaiters(FETCHES).maxConnectionsPerOrigin(8).build();
    var asking = new CountDownLatch(FETCHES);
    try (var peer =
            new ScriptedPeer(
                with -> {
                  with.head();
                  assertThat(asking.await(90, TimeUnit.SECONDS)).isTrue();
                  with.answer("yes");
                  while (true) {
                    with.head();
                    with.answer("yes");
                  }
                });
        var threads = new Closing(virtualThreads())) {
      var url = "http://127.0.0.1:" + peer.port() + "/";
      var all = new ArrayList<Future<String>>();
      for (var i = 0; i < FETCHES; i++) {
        all.add(
            threads
                .executor()
                .submit(
                    () -> {
                      asking.countDown();
                      return text(Request.get(url));
                    }));
      }
      for (var each : all) {
        assertThat(each.get(90, TimeUnit.SECONDS)).isEqualTo("yes");
      }
    }
    assertThat(engines.engine.stats().pool().waiters()).isZero();
  }

  private record Closing(ExecutorService executor) implements AutoCloseable {
    @Override
    public void close() {
      executor.shutdownNow();
    }
  }

  private static ExecutorService virtualThreads() throws ReflectiveOperationException {
    return (ExecutorService)
        Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
  }
}

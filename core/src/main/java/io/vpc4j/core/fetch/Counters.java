package io.vpc4j.core.fetch;

import io.vpc4j.ErrorCode;
import io.vpc4j.core.fetch.pool.PoolStats;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What an engine counts. */
final class Counters {

  final LongAdder begun = new LongAdder();
  final LongAdder redirects = new LongAdder();
  final LongAdder retries = new LongAdder();
  final LongAdder rateLimited = new LongAdder();
  private final Map<ErrorCode, LongAdder> failures = new EnumMap<>(ErrorCode.class);

  Counters() {
    for (var code : ErrorCode.values()) {
      failures.put(code, new LongAdder());
    }
  }

  void failed(ErrorCode code) {
    var counter = failures.get(code);
    if (counter != null) {
      counter.increment();
    }
  }

  EngineStats stats(PoolStats pool) {
    var failed = new EnumMap<ErrorCode, Long>(ErrorCode.class);
    failures.forEach(
        (code, counter) -> {
          if (counter.sum() > 0) {
            failed.put(code, counter.sum());
          }
        });
    return new EngineStats(
        begun.sum(),
        redirects.sum(),
        retries.sum(),
        rateLimited.sum(),
        java.util.Collections.unmodifiableMap(failed),
        pool);
  }
}

package io.vpc4j.core.fetch;

import io.vpc4j.ErrorCode;
import io.vpc4j.core.fetch.pool.PoolStats;
import java.util.Map;

/**
 * How an engine stands.
 *
 * @param requests fetches begun
 * @param redirects followed
 * @param retries requests sent again on a fresh connection
 * @param rateLimited fetches refused by {@code maxRequestsPerSecond}
 * @param failures fetches and bodies that failed, by code; codes that did not occur are absent
 * @param pool its connections
 */
public record EngineStats(
    long requests,
    long redirects,
    long retries,
    long rateLimited,
    Map<ErrorCode, Long> failures,
    PoolStats pool) {}

package io.vpc4j.core.fetch.pool;

/**
 * How a pool stands.
 *
 * @param connections open, in use or not
 * @param idle of them unused
 * @param dials connections in the making
 * @param waiters requests that wait for a connection
 * @param exchanges requests on a connection
 * @param opened connections ever opened
 * @param reuses requests that found a connection open
 * @param refusedWaiters requests refused because too many were waiting
 * @param acquireTimeouts requests that waited too long for a place
 * @param evictions connections closed, though still good, to make room for another origin or for a
 *     fresh one
 */
public record PoolStats(
    int connections,
    int idle,
    int dials,
    int waiters,
    int exchanges,
    long opened,
    long reuses,
    long refusedWaiters,
    long acquireTimeouts,
    long evictions) {}

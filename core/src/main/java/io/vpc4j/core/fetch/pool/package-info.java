/**
 * Connections that are open, and requests that wait for one: who gets which, how many there may be,
 * and how long they are kept.
 *
 * <p>{@link io.vpc4j.core.fetch.pool.ConnectionPool} decides under one small lock and acts outside
 * it; {@link io.vpc4j.core.fetch.pool.Sweeper} is the one timer that everything here and in the
 * engine shares.
 *
 * <p>Does not live here: how a connection is made, and what is sent on it.
 */
package io.vpc4j.core.fetch.pool;

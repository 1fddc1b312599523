package io.vpc4j.core.fetch;

import io.vpc4j.VpcException;
import io.vpc4j.core.spi.NextHop;
import io.vpc4j.core.spi.Transport;

/** Finds the open transport that carries a hop. Safe for use by many threads. */
@FunctionalInterface
public interface Transports {

  /**
   * The transport for {@code hop}, opened if it is the first to need it.
   *
   * @throws VpcException if none or more than one carries it, or if it cannot be opened
   */
  Transport transportFor(NextHop hop) throws VpcException;

  /** Whether {@link #transportFor} answers at once. Opening may wait for the event loops. */
  default boolean isOpen(NextHop hop) {
    return true;
  }
}

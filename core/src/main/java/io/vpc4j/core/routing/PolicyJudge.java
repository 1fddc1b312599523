package io.vpc4j.core.routing;

import io.vpc4j.VpcException;
import io.vpc4j.core.net.IpAddress;

/** Says whether a binding may dial an address that a name resolved to. */
@FunctionalInterface
public interface PolicyJudge {

  /**
   * Returns if {@code address} may be dialled.
   *
   * @param host what was asked for
   * @throws VpcException {@link io.vpc4j.ErrorCode#DESTINATION_IP_PROHIBITED}, naming the rule
   */
  void check(String host, IpAddress address, int port) throws VpcException;
}

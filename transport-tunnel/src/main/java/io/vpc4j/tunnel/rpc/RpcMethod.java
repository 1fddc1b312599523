package io.vpc4j.tunnel.rpc;

import java.util.Arrays;
import java.util.Optional;

/**
 * Every method that is called between connectors and edges. [T] 5.4
 *
 * <p>The interface ids in calls are those of the interface that declares the method, never of one
 * that extends it ({@code TunnelServer}, {@code CloudflaredServer}).
 */
public enum RpcMethod {
  /** Of the edge. */
  REGISTER_CONNECTION(0xf71695ec7fe85497L, 0),
  /** Of the edge. */
  UNREGISTER_CONNECTION(0xf71695ec7fe85497L, 1),
  /** Of the edge. */
  UPDATE_LOCAL_CONFIGURATION(0xf71695ec7fe85497L, 2),
  /** Of the connector; datagram v2 only. */
  REGISTER_UDP_SESSION(0x839445a59fb01686L, 0),
  /** Of both; datagram v2 only. */
  UNREGISTER_UDP_SESSION(0x839445a59fb01686L, 1),
  /** Of the connector. */
  UPDATE_CONFIGURATION(0xb48edfbdaa25db04L, 0);

  private final long interfaceId;
  private final int methodId;

  RpcMethod(long interfaceId, int methodId) {
    this.interfaceId = interfaceId;
    this.methodId = methodId;
  }

  /** The id of the interface that declares it. */
  public long interfaceId() {
    return interfaceId;
  }

  /** Its number there. */
  public int methodId() {
    return methodId;
  }

  /** The method with these numbers. */
  static Optional<RpcMethod> of(long interfaceId, int methodId) {
    return Arrays.stream(values())
        .filter(method -> method.interfaceId == interfaceId && method.methodId == methodId)
        .findAny();
  }
}

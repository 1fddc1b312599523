package io.vpc4j.tunnel.rpc;

import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.capnp.StructBuilder;
import io.vpc4j.tunnel.rpc.capnp.StructReader;

/**
 * Why a connection was not registered. [T] 5.3 ConnectionError, 6.5
 *
 * @param cause for people; {@link #UNAUTHORIZED} in it and {@link #DUPLICATE} as all of it have a
 *     meaning to connectors
 * @param retryAfterNs when to come again; real connectors do not look at it
 * @param retry whether coming again may help
 */
public record ConnectionError(String cause, long retryAfterNs, Retry retry) {

  /** The word that makes a first connection over HTTP/2 come again. [T] 6.4 */
  public static final String UNAUTHORIZED = "Unauthorized";

  /** The cause that makes a connector take another address of the edge. [T] 6.5 */
  public static final String DUPLICATE = "EDUPCONN";

  /** {@code shouldRetry} of the schema. */
  public enum Retry {
    /** False on the wire. */
    USELESS,
    /** True on the wire. */
    MAY_HELP
  }

  static final int DATA_WORDS = 2;
  static final int POINTERS = 1;

  static ConnectionError read(StructReader in) throws Malformed {
    return new ConnectionError(in.text(0), in.i64(0), in.bit(64) ? Retry.MAY_HELP : Retry.USELESS);
  }

  void write(StructBuilder out) {
    out.text(0, cause).i64(0, retryAfterNs).bit(64, retry == Retry.MAY_HELP);
  }
}

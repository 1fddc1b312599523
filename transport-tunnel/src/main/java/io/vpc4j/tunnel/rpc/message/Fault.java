package io.vpc4j.tunnel.rpc.message;

import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.capnp.StructBuilder;
import io.vpc4j.tunnel.rpc.capnp.StructReader;
import java.util.Arrays;

/**
 * Why a call failed, or a connection is given up. [R] Exception
 *
 * @param kind what the peer may do about it
 * @param reason for people
 */
public record Fault(Kind kind, String reason) {

  /** With the numbers of the wire. */
  public enum Kind {
    /** The call is wrong, or its execution went wrong. */
    FAILED(0),
    /** Not now. */
    OVERLOADED(1),
    /** The object is gone. */
    DISCONNECTED(2),
    /** There is no such method. */
    UNIMPLEMENTED(3);

    private final int wire;

    Kind(int wire) {
      this.wire = wire;
    }

    /** A kind from a newer peer is {@link #FAILED}. */
    private static Kind of(int wire) {
      return Arrays.stream(values()).filter(kind -> kind.wire == wire).findAny().orElse(FAILED);
    }
  }

  static final int DATA_WORDS = 1;
  static final int POINTERS = 1;

  private static final int REASON = 0;
  private static final int TYPE = 4;

  static Fault read(StructReader in) throws Malformed {
    return new Fault(Kind.of(in.u16(TYPE)), in.text(REASON));
  }

  void write(StructBuilder out) {
    out.u16(TYPE, kind.wire).text(REASON, reason);
  }

  @Override
  public String toString() {
    return kind + ": " + reason;
  }
}

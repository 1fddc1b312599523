package io.vpc4j.tunnel.rpc.message;

import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.capnp.ListReader;
import io.vpc4j.tunnel.rpc.capnp.StructBuilder;
import io.vpc4j.tunnel.rpc.capnp.StructReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One line of a payload's table of capabilities. [R] CapDescriptor
 *
 * @param kind whose object
 * @param id the sender's or the receiver's number for it
 */
public record Capability(Kind kind, int id) {

  /** With the numbers of the wire. */
  public enum Kind {
    /** Nobody's. */
    NONE(0),
    /** The sender's, exported by this. */
    SENDER_HOSTED(1),
    /** The sender's, not settled yet; treated as {@link #SENDER_HOSTED}. [T] 5.5 */
    SENDER_PROMISE(2),
    /** The receiver's own, which it had exported. */
    RECEIVER_HOSTED(3),
    /** What a question to the receiver is answered with. */
    RECEIVER_ANSWER(4),
    /** The sender's, by way of a third party. */
    THIRD_PARTY_HOSTED(5);

    private final int wire;

    Kind(int wire) {
      this.wire = wire;
    }

    /** A kind from a newer peer is {@link #NONE}: nothing can be done with it. */
    private static Kind of(int wire) {
      return Arrays.stream(values()).filter(kind -> kind.wire == wire).findAny().orElse(NONE);
    }
  }

  /** The most lines of a table that is read; ours and the peers' have one at most. */
  static final int MAX_TABLE = 64;

  static final int DATA_WORDS = 1;
  static final int POINTERS = 1;

  /** Whether the sender has exported it, so that it must be released. */
  public boolean isSenders() {
    return kind == Kind.SENDER_HOSTED || kind == Kind.SENDER_PROMISE;
  }

  static List<Capability> readTable(ListReader in) throws Malformed {
    if (in.size() > MAX_TABLE) {
      throw new Malformed(Malformed.Reason.LIMIT, in.size() + " capabilities in a payload");
    }
    var table = new ArrayList<Capability>(in.size());
    for (var i = 0; i < in.size(); i++) {
      table.add(read(in.struct(i)));
    }
    return List.copyOf(table);
  }

  private static Capability read(StructReader in) {
    return new Capability(Kind.of(in.u16(0)), in.i32(4));
  }

  static void writeTable(StructBuilder payload, int pointer, List<Capability> table) {
    var out = payload.structs(pointer, table.size(), DATA_WORDS, POINTERS);
    for (var i = 0; i < table.size(); i++) {
      out.at(i).u16(0, table.get(i).kind().wire).i32(4, table.get(i).id());
    }
  }
}

package io.vpc4j.tunnel.stream;

import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.capnp.MessageBuilder;
import io.vpc4j.tunnel.rpc.capnp.MessageReader;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * What an edge asks of a connector on a data stream. [T] 4.3
 *
 * @param type what is to be carried
 * @param dest a URL for HTTP and WebSocket, {@code ip:port} or {@code [ipv6]:port} for TCP
 * @param metadata method, host and headers of HTTP; for TCP mostly none. At most 4,096 lines are
 *     read
 */
public record ConnectRequest(Type type, String dest, List<Metadata> metadata) {

  /** With the numbers of the wire. */
  public enum Type {
    /** A request, whose response comes back as it is. */
    HTTP(0),
    /** A request that is to become a WebSocket. */
    WEBSOCKET(1),
    /** Octets. */
    TCP(2);

    private final int wire;

    Type(int wire) {
      this.wire = wire;
    }

    private static Type of(int wire) throws Malformed {
      for (var type : values()) {
        if (type.wire == wire) {
          return type;
        }
      }
      throw new Malformed(Malformed.Reason.VALUE, "a connection of type " + wire);
    }
  }

  private static final int DATA_WORDS = 1;
  private static final int POINTERS = 2;

  /** Copies the list. */
  public ConnectRequest {
    metadata = List.copyOf(metadata);
  }

  /** A TCP stream to an address, with no metadata. */
  public static ConnectRequest tcp(String dest) {
    return new ConnectRequest(Type.TCP, dest, List.of());
  }

  /** The value of the first line with that key. */
  public Optional<String> first(String key) {
    return Metadata.first(metadata, key);
  }

  /** The headers in their order. */
  public List<HeaderField> headers() {
    return Metadata.headers(metadata).toList();
  }

  /**
   * Signature, version and message, in a buffer of their own and to be sent in one write. [T] 4.2
   *
   * @throws IllegalArgumentException if a character is beyond U+00FF
   */
  public ByteBuffer encode() {
    var message = new MessageBuilder();
    var out = message.root(DATA_WORDS, POINTERS).latin1(0, dest).u16(0, type.wire);
    if (!metadata.isEmpty()) {
      Metadata.writeAll(out, 1, metadata);
    }
    return Preamble.data(message.framed());
  }

  static ConnectRequest read(MessageReader message) throws Malformed {
    var in = message.root();
    return new ConnectRequest(Type.of(in.u16(0)), in.latin1(0), Metadata.readAll(in.list(1)));
  }
}

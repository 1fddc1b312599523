package io.vpc4j.tunnel.rpc;

import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.octets.Octets;
import io.vpc4j.tunnel.rpc.capnp.StructBuilder;
import io.vpc4j.tunnel.rpc.capnp.StructReader;
import java.util.UUID;

/**
 * What a connector is told of its new connection. [T] 5.3 ConnectionDetails, 6.3
 *
 * @param uuid names the connection
 * @param locationName which edge, for logs and metrics
 * @param management who holds the configuration
 */
public record ConnectionDetails(UUID uuid, String locationName, Management management) {

  /** {@code tunnelIsRemotelyManaged} of the schema. */
  public enum Management {
    /** The connector has it, and uploads it. */
    LOCAL,
    /** The edge has it, and pushes it; the connector uploads none. */
    REMOTE
  }

  static final int DATA_WORDS = 1;
  static final int POINTERS = 2;

  static ConnectionDetails read(StructReader in) throws Malformed {
    return new ConnectionDetails(
        in.data(0).uuid("uuid"), in.text(1), in.bit(0) ? Management.REMOTE : Management.LOCAL);
  }

  void write(StructBuilder out) {
    out.data(0, Octets.of(uuid).toArray())
        .text(1, locationName)
        .bit(0, management == Management.REMOTE);
  }
}

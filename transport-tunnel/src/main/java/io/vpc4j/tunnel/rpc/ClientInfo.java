package io.vpc4j.tunnel.rpc;

import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.octets.Octets;
import io.vpc4j.tunnel.rpc.capnp.StructBuilder;
import io.vpc4j.tunnel.rpc.capnp.StructReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Which program a connector is. [T] 5.3 ClientInfo, 6.1
 *
 * @param clientId the connector id: one per process, the same on all its connections
 * @param features what it can do, in no order; unknown ones are to be ignored. At most 256
 * @param version such as {@code 2026.8.2}
 * @param arch operating system and processor, such as {@code linux_amd64}
 */
public record ClientInfo(UUID clientId, List<String> features, String version, String arch) {

  static final int DATA_WORDS = 0;
  static final int POINTERS = 4;

  private static final int MAX_FEATURES = 256;

  /** Copies the list. */
  public ClientInfo {
    features = List.copyOf(features);
  }

  /** Whether it has a feature. */
  public boolean has(String feature) {
    return features.contains(feature);
  }

  static ClientInfo read(StructReader in) throws Malformed {
    var list = in.list(1);
    if (list.size() > MAX_FEATURES) {
      throw new Malformed(Malformed.Reason.LIMIT, list.size() + " features");
    }
    var features = new ArrayList<String>(list.size());
    for (var i = 0; i < list.size(); i++) {
      features.add(list.text(i, StandardCharsets.UTF_8));
    }
    return new ClientInfo(in.data(0).uuid("clientId"), features, in.text(2), in.text(3));
  }

  void write(StructBuilder out) {
    out.data(0, Octets.of(clientId).toArray()).texts(1, features).text(2, version).text(3, arch);
  }
}

package io.vpc4j.integrationtests;

import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.MeshKeys;
import io.vpc4j.mesh.MeshNode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * A mesh's other node in this process, {@code data.mesh}, which has 10.0.1.50 behind it, and the
 * section of a directory that makes a {@code Vpc} the one beside it.
 */
public final class FarNode implements AutoCloseable {

  private static final IpAddress NEAR = IpAddress.require("100.96.0.1");
  private static final IpAddress FAR = IpAddress.require("100.96.0.2");

  private final String nearKey = MeshKeys.generatePrivateKey();
  private final String farKey = MeshKeys.generatePrivateKey();
  private final MeshNode node;

  private FarNode(Cidr prefix, Optional<Cidr> onward) throws IOException {
    var builder = MeshNode.builder().privateKey(farKey).address(FAR).peer(near());
    node =
        (onward.isPresent() ? builder.route(prefix, onward.get()) : builder.route(prefix)).start();
  }

  /** One behind which 10.0.1.50 is 127.0.0.1. */
  public static FarNode toLoopback() throws IOException {
    return new FarNode(Cidr.require("10.0.1.50/32"), Optional.of(Cidr.require("127.0.0.1/32")));
  }

  /** One behind which are the addresses of 10.0.0.0/16 themselves. */
  public static FarNode toTheAddresses() throws IOException {
    return new FarNode(Cidr.require("10.0.0.0/16"), Optional.empty());
  }

  private NodeRecord near() {
    var peer =
        new NodeRecord.Peer(
            MeshKeys.publicKey(nearKey), Optional.empty(), Optional.empty(), Optional.empty());
    return new NodeRecord("near", "near", NodeRecord.Kind.NODE, List.of(NEAR), Optional.of(peer));
  }

  /** The directory's section {@code mesh}, its name and colon included. */
  public String section() {
    return """
    "mesh": {
      "private_key": "%s",
      "listen_port": 0,
      "addresses": ["%s"],
      "nodes": [
        {
          "node_id": "data",
          "name": "data",
          "addresses": ["10.0.1.50", "%s"],
          "routes": ["10.0.0.0/16"],
          "public_key": "%s",
          "endpoint": "127.0.0.1:%d"
        }
      ]
    }"""
        .formatted(nearKey, NEAR, FAR, MeshKeys.publicKey(farKey), node.listenPort());
  }

  @Override
  public void close() {
    node.close();
  }
}

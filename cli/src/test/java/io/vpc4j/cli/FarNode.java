package io.vpc4j.cli;

import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.MeshKeys;
import io.vpc4j.mesh.MeshNode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Another participant, in this process: a directory of the command's is given it as a node, and it
 * is told of the directory's side.
 */
final class FarNode implements Closeable {

  static final IpAddress NEAR = IpAddress.require("100.96.0.1");
  static final IpAddress FAR = IpAddress.require("100.96.0.2");

  private final String privateKey = MeshKeys.generatePrivateKey();
  final MeshNode node;

  /** Starts one, with whatever {@code more} adds. */
  FarNode(UnaryOperator<MeshNode.Builder> more) throws IOException {
    node = more.apply(MeshNode.builder().privateKey(privateKey).address(FAR)).start();
  }

  /** Enters it in the directory as {@code name}, after {@code mesh init}, with further options. */
  void enter(Cli cli, Path folder, String name, String... options) throws IOException {
    var command =
        java.util.stream.Stream.concat(
                java.util.stream.Stream.of(
                    "mesh",
                    "add",
                    name,
                    "--public-key",
                    MeshKeys.publicKey(privateKey),
                    "--address",
                    FAR.toString(),
                    "--endpoint",
                    "127.0.0.1:" + node.listenPort()),
                java.util.stream.Stream.of(options))
            .toArray(String[]::new);
    var added = cli.with("directory.jsonc", command);
    if (added.exitCode() != 0) {
      throw new IOException(added.err());
    }
    var own = Files.readString(folder.resolve(".vpc4j/mesh/private.key"));
    node.peers(
        List.of(
            new NodeRecord(
                "near",
                "near",
                NodeRecord.Kind.NODE,
                List.of(NEAR),
                Optional.of(
                    new NodeRecord.Peer(
                        MeshKeys.publicKey(own),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())))));
  }

  @Override
  public void close() {
    node.close();
  }
}

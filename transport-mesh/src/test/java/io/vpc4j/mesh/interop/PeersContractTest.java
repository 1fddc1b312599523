package io.vpc4j.mesh.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import io.vpc4j.mesh.wireguard.interop.Namespaces;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@link PeersContract}, run by a process of its own where the real peer is, its tests reported
 * here. Needs root and the programs; says so where they are missing.
 */
@ExtendWith(NeedsRealPeers.class)
@Timeout(180)
class PeersContractTest {

  /** What the contract had when this was written: fewer means that it was not found. */
  private static final int AT_LEAST = 22;

  private final PrivateKey ours = PrivateKey.generate(new SecureRandom()::nextBytes);
  private final PrivateKey theirs = PrivateKey.generate(new SecureRandom()::nextBytes);
  private Namespaces net;

  @TempDir Path folder;

  @BeforeEach
  void startThePeer() throws IOException {
    net = new Namespaces("stct" + ProcessHandle.current().pid() % 1000, folder);
    net.startPeer(
        """
        [Interface]
        PrivateKey = %s
        ListenPort = 51820
        [Peer]
        PublicKey = %s
        AllowedIPs = %s/32
        """
            .formatted(theirs.toSecretBase64(), ours.publicKey(), PeersContract.OURS),
        PeersContract.THEIRS + "/24",
        PeersContract.SILENT + "/32");
    var rules =
        """
        table inet silence {
          chain in {
            type filter hook input priority 0; policy accept;
            ip daddr %s drop
          }
        }
        """
            .formatted(PeersContract.SILENT);
    net.in(net.theirs(), "nft", "-f", Files.writeString(folder.resolve("nft"), rules).toString());
  }

  @AfterEach
  void takeItAway() throws IOException {
    net.close();
  }

  @TestFactory
  Stream<DynamicTest> theMeshKeepsEveryPromiseOverARealPeer() throws IOException {
    var command = PeerScene.java(ContractProgram.class);
    command.addAll(
        1,
        List.of(
            "-Dvpc4j.mesh.ours=" + ours.toSecretBase64(),
            "-Dvpc4j.mesh.theirs=" + theirs.publicKey(),
            "-Dio.netty.leakDetection.level=paranoid"));
    var program = net.start(net.theirs(), command);
    var said = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(said).contains("end of the contract").doesNotContain("LEAK:");
    assertThat(transferredOctets()).as("came and went through the peer").allMatch(n -> n > 1 << 20);
    var tests =
        said.lines()
            .filter(line -> line.startsWith("contract: "))
            .map(line -> line.substring("contract: ".length()))
            .toList();
    assertThat(tests).as(said).hasSizeGreaterThanOrEqualTo(AT_LEAST);
    return tests.stream()
        .map(
            line ->
                DynamicTest.dynamicTest(
                    line.substring(line.indexOf(' ') + 1),
                    () -> assertThat(line).as(said).startsWith("SUCCESSFUL ")));
  }

  /** As the peer counts them, inwards and outwards. */
  private List<Long> transferredOctets() throws IOException {
    var fields =
        net.in(net.theirs(), "wg", "show", net.device(), "transfer").trim().split("\t", -1);
    return List.of(Long.valueOf(fields[1]), Long.valueOf(fields[2]));
  }
}

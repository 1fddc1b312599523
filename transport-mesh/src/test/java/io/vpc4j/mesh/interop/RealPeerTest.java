package io.vpc4j.mesh.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.mesh.wireguard.interop.Namespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A node that connects to a real peer: {@code wireguard-go}, the Linux kernel's TCP and nginx
 * behind it. Needs root and the programs; says so where they are missing. The other way is {@link
 * KernelCallsTest}.
 */
@ExtendWith(NeedsRealPeers.class)
@Timeout(600)
class RealPeerTest {

  private PeerScene scene;
  private Namespaces net;

  @TempDir Path folder;

  @BeforeEach
  void startThePeer() throws IOException {
    scene = new PeerScene("stit", folder);
    net = scene.net();
  }

  @AfterEach
  void takeItAway() throws IOException {
    scene.close();
  }

  // ---- downloads

  @ParameterizedTest
  @ValueSource(strings = {"10.98.0.2", "fd98::2"})
  void aPageComesFromNginx(String address) throws IOException {
    scene.serve(Files.writeString(folder.resolve("page"), "hello"));

    assertThat(scene.node("10.99.0.2:51820", "do=get", "to=" + address, "path=/page"))
        .contains("ok=1 failed=0 octets=5 ");
  }

  @Test
  void overIpv6OutsideAsWell() throws IOException {
    scene.serve(Files.writeString(folder.resolve("page"), "hello"));

    assertThat(scene.node("[fd99::2]:51820", "do=get", "to=10.98.0.2", "path=/page"))
        .contains("ok=1 failed=0 octets=5 ");
  }

  @Test
  void aLargeDownloadIsWhatWasServed() throws Exception {
    var digest = scene.serve(scene.large(PeerScene.OCTETS));

    assertThat(
            scene.node("10.99.0.2:51820", "do=get", "to=10.98.0.2", "path=/large", "seconds=500"))
        .contains("ok=1 failed=0 octets=" + PeerScene.OCTETS + " sha256=" + digest);
  }

  /** Each is what was served, though four share one peer, and one loop of ours. */
  @Test
  void fourLargeDownloadsAtOnce() throws Exception {
    var digest = scene.serve(scene.large(PeerScene.OCTETS / 4));
    var said =
        scene.node(
            "10.99.0.2:51820",
            "do=get",
            "to=10.98.0.2",
            "path=/large",
            "connections=4",
            "digests=each",
            "seconds=500");

    var got = Pattern.compile("got=" + PeerScene.OCTETS / 4 + " sha256=" + digest).matcher(said);
    assertThat(got.results()).as(said).hasSize(4);
    System.out.println(said); // how fast it was, for people
    assertThat(said).contains("ok=4 failed=0 octets=" + PeerScene.OCTETS / 4 * 4 + " ");
  }

  @Test
  void aThousandConnectionsAtOnce() throws IOException {
    scene.serve(Files.writeString(folder.resolve("page"), "hello"));

    assertThat(
            scene.node(
                "10.99.0.2:51820", "do=get", "to=10.98.0.2", "path=/page", "connections=1000"))
        .contains("ok=1000 failed=0 octets=5000 ");
  }

  // ---- uploads, and an end of ours before the answer

  @Test
  void aLargeUploadIsWhatWasSentAndItsEndIsAnswered() throws IOException {
    var sink = scene.startSink(1);
    var said =
        scene.node(
            "10.99.0.2:51820",
            "do=put",
            "to=10.98.0.2",
            "toPort=9",
            "octets=" + PeerScene.OCTETS,
            "seconds=500");

    var sent = Pattern.compile("sent=(\\d+) sha256=(\\w+) answer=(\\d+):(\\w+) ").matcher(said);
    assertThat(sent.find()).as(said).isTrue();
    assertThat(sent.group(3)).isEqualTo(sent.group(1));
    assertThat(sent.group(4)).isEqualTo(sent.group(2));
    sink.destroy();
  }

  /** Each arrives as it was sent, though four share one peer, and one loop of ours. */
  @Test
  void fourLargeUploadsAtOnce() throws IOException {
    var sink = scene.startSink(4);
    var said =
        scene.node(
            "10.99.0.2:51820",
            "do=put",
            "to=10.98.0.2",
            "toPort=9",
            "connections=4",
            "octets=" + PeerScene.OCTETS / 4,
            "seconds=500");

    var sent = Pattern.compile("sent=(\\d+) sha256=(\\w+) answer=\\1:\\2 ").matcher(said);
    assertThat(sent.results()).as(said).hasSize(4);
    System.out.println(said);
    sink.destroy();
  }

  // ---- bad ways

  @Test
  void fivePercentLossBothWays() throws Exception {
    scene.lose(5);
    var digest = scene.serve(scene.large(2 << 20));

    assertThat(
            scene.node("10.99.0.2:51820", "do=get", "to=10.98.0.2", "path=/large", "seconds=300"))
        .contains("ok=1 failed=0 octets=" + (2 << 20) + " sha256=" + digest);
    var sink = scene.startSink(1);
    assertThat(
            scene.node(
                "10.99.0.2:51820",
                "do=put",
                "to=10.98.0.2",
                "toPort=9",
                "octets=2097152",
                "seconds=300"))
        .contains("answer=2097152:");
    sink.destroy();
  }

  @Test
  void aPeerWithASmallerMtu() throws Exception {
    net.in(net.theirs(), "ip", "link", "set", net.device(), "mtu", "1280");
    var digest = scene.serve(scene.large(PeerScene.OCTETS));

    assertThat(scene.node("10.99.0.2:51820", "do=get", "to=fd98::2", "path=/large", "seconds=500"))
        .contains("ok=1 failed=0 octets=" + PeerScene.OCTETS + " sha256=" + digest);
    var sink = scene.startSink(1);
    assertThat(
            scene.node("10.99.0.2:51820", "do=put", "to=10.98.0.2", "toPort=9", "octets=4194304"))
        .contains("answer=4194304:");
    sink.destroy();
  }

  /** The cable is narrower than a datagram of ours: both kernels cut them to fragments. */
  @Test
  void aCableWithASmallerMtu() throws Exception {
    scene.narrow();
    var digest = scene.serve(scene.large(4 << 20));

    assertThat(scene.node("10.99.0.2:51820", "do=get", "to=10.98.0.2", "path=/large"))
        .contains("ok=1 failed=0 octets=" + (4 << 20) + " sha256=" + digest);
    var sink = scene.startSink(1);
    assertThat(
            scene.node("[fd99::2]:51820", "do=put", "to=10.98.0.2", "toPort=9", "octets=4194304"))
        .contains("answer=4194304:");
    sink.destroy();
  }

  @Test
  void throughANatThatChoosesThePort() throws Exception {
    scene.translate(net.ours(), 51821);
    var digest = scene.serve(scene.large(4 << 20));

    assertThat(scene.node("10.99.0.2:51820", "do=get", "to=10.98.0.2", "path=/large"))
        .contains("ok=1 failed=0 octets=" + (4 << 20) + " sha256=" + digest);
    assertThat(scene.seenFrom()).as("where the peer saw us").contains("\t10.99.0.1:400");
  }

  /** What a download is in the middle of goes on from where the peer is now. */
  @Test
  void weFollowThePeerToAnotherPort() throws Exception {
    scene.serve(Files.writeString(folder.resolve("index.html"), "hello"));
    Files.write(folder.resolve("slow"), new byte[6 << 20]);
    var node =
        scene.start("10.99.0.2:51820", "do=poll", "to=10.98.0.2", "download=/slow", "seconds=100");
    var reader = node.inputReader();

    PeerScene.awaitPart(reader, " hello ");
    net.in(net.theirs(), "wg", "set", net.device(), "listen-port", "51999");
    PeerScene.awaitPart(reader, "download ended: " + (6 << 20) + " null");
    PeerScene.awaitPart(reader, " hello ");
    node.destroy();
  }
}

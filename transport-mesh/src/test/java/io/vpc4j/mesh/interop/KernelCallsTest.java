package io.vpc4j.mesh.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The other way of {@link RealPeerTest}: the kernel behind a real peer connects to a node of ours.
 * Needs root and the programs; says so where they are missing.
 */
@ExtendWith(NeedsRealPeers.class)
@Timeout(600)
class KernelCallsTest {

  private static final String HERE = "127.0.0.1";
  private static final String US = "10.99.0.1:51821"; // where the peer calls us

  @RegisterExtension final PeerScene scene = new PeerScene("stkc");

  @ParameterizedTest(name = "{1} connections to {0}, {2} octets each way")
  @CsvSource({"10.98.0.1, 100, 200000", "fd98::1, 4, 4000000", "10.98.0.1, 1000, 1000"})
  void theKernelConnectsToUs(String address, int connections, int octets) throws Exception {
    callUs(address, connections, octets);
  }

  @ParameterizedTest(name = "to {0}")
  @ValueSource(strings = {"10.98.0.1", "fd98::1"})
  void theKernelConnectsToUsOverIpv6Outside(String address) throws IOException {
    callUs("[fd99::1]:51821", address, 4, 500_000);
  }

  /** Each way at once, on connections that the kernel begins. */
  @Test
  void theKernelSendsAndGetsLargeOnesOnFourConnections() throws Exception {
    System.out.println(callUs("10.98.0.1", 4, PeerScene.OCTETS / 4)); // how fast it was, for people
  }

  @Test
  void theKernelConnectsToUsOverABadWay() throws Exception {
    scene.lose(5);
    callUs("10.98.0.1", 8, 500_000);
  }

  @ParameterizedTest(name = "to {0}, the peer''s own MTU being {1}")
  @CsvSource({"10.98.0.1, 1420", "fd98::1, 1280"})
  void theKernelConnectsToUsOverANarrowWay(String address, String mtu) throws Exception {
    scene.narrow();
    scene.there("ip", "link", "set", scene.net().device(), "mtu", mtu);
    callUs(address, 2, 2_000_000);
  }

  /** A kernel's client, our node, and nginx on this side of it. */
  @Test
  void theKernelReachesNginxThroughUs() throws Exception {
    var digest = scene.serve(scene.net().ours(), scene.large(PeerScene.OCTETS / 4));
    var node = scene.startBetween(HERE);

    var page = scene.folder().resolve("fetched").toString();
    var url = "http://" + PeerScene.BEHIND_US + "/large";
    PeerScene.all(
        scene
            .net()
            .start(
                scene.net().theirs(), List.of("curl", "-s", "-S", "-m", "500", "-o", page, url)));
    assertThat(PeerScene.digest(Path.of(page))).isEqualTo(digest);
    var refused = scene.there("sh", "-c", "curl -s -m 30 " + PeerScene.BEHIND_US + ":81; echo $?");
    assertThat(refused.trim()).as("curl's word for a refused connection").isEqualTo("7");
    node.destroy();
  }

  @Test
  void theKernelReachesPostgresThroughUs() throws Exception {
    var programs = PostgresHere.programs();
    assumeThat(programs).as("NOT RUN: no PostgreSQL server is installed").isNotNull();
    try (var postgres =
        new PostgresHere(scene.net(), scene.net().ours(), scene.folder(), programs)) {
      var node = scene.startBetween(HERE);

      var sum = "select sum(n) from generate_series(1, 1000) n";
      assertThat(postgres.ask(scene.net().theirs(), PeerScene.BEHIND_US, sum))
          .isEqualTo("500500\n");
      var rows = "copy (select n, md5(n::text) from generate_series(1, 50000) n) to stdout";
      var copied = postgres.ask(scene.net().theirs(), PeerScene.BEHIND_US, rows);
      assertThat(copied)
          .hasLineCount(50_000)
          .isEqualTo(postgres.ask(scene.net().ours(), HERE, rows));
      node.destroy();
    }
  }

  // ---- halves

  /** The kernel's end comes first, and our answer after it. */
  @Test
  void theKernelEndsAndIsAnswered() throws IOException {
    var node = scene.startCalled("do=listen", "halves=0", "seconds=100");
    PeerScene.awaitLine(node, "listening");
    scene.peerCalls(US);

    var client = scene.startPeersProgram(Halves.class, "10.98.0.1", "7", "speak", "300000");
    assertThat(PeerScene.all(client))
        .matches("sent=(300000:\\w{64}) answer=\\1\n"); // as it was sent, so it was heard
    assertThat(PeerScene.all(node)).contains("heard=300000:");
  }

  /** Our end comes first; what the kernel then says is heard to its end. */
  @Test
  void weEndAndTheKernelGoesOn() throws IOException {
    var node = scene.startCalled("do=listen", "halves=200000", "seconds=100");
    PeerScene.awaitLine(node, "listening");
    scene.peerCalls(US);

    var client = scene.startPeersProgram(Halves.class, "10.98.0.1", "7", "listen", "300000");
    var kernel = Pattern.compile("heard=(\\S+) sent=(\\S+)").matcher(PeerScene.all(client));
    assertThat(kernel.find()).isTrue();
    assertThat(PeerScene.all(node))
        .contains("said=" + kernel.group(1) + "\n")
        .contains("heard=" + kernel.group(2) + "\n");
    assertThat(kernel.group()).contains("heard=200000:", "sent=300000:");
  }

  // ---- ways that change

  @ParameterizedTest(name = "{0} is behind a NAT that chooses the port")
  @ValueSource(strings = {"we", "the peer"})
  void throughANat(String who) throws IOException {
    var weAre = who.equals("we");
    scene.translate(weAre ? scene.net().ours() : scene.net().theirs(), weAre ? 51821 : 51820);
    // Whoever is behind it begins: nobody could call there.
    var node =
        weAre
            ? scene.start("10.99.0.2:51820", "do=listen", "to=10.98.0.2", "connections=4")
            : scene.startCalled("do=listen", "connections=4");
    PeerScene.awaitLine(node, "listening");
    if (!weAre) {
      scene.peerCalls(US);
    }

    var dialler = scene.startPeersProgram(Dialler.class, "10.98.0.1", "7", "4", "500000");
    assertThat(PeerScene.all(dialler)).contains("4 of 4 came back");
    var said = PeerScene.all(node);
    assertThat(said).contains("connections=4 octets=2000000");
    assertThat(weAre ? scene.seenFrom() : said)
        .as("where the other end saw it")
        .contains(weAre ? "\t10.99.0.1:400" : "peers at [/10.99.0.2:400");
  }

  /** What the kernel is in the middle of goes on from where its peer is now. */
  @Test
  void weFollowThePeerToAnotherPort() throws IOException {
    talkThrough(
        () -> scene.there("wg", "set", scene.net().device(), "listen-port", "51999"),
        "10.99.0.1:51821");
  }

  /** Its packets lead nowhere until it hears from us. */
  @Test
  void thePeerFollowsUsToAnotherAddress() throws IOException {
    talkThrough(
        () -> {
          scene.here("ip", "addr", "del", "10.99.0.1/24", "dev", scene.net().ours());
          scene.here("ip", "addr", "add", "10.99.0.7/24", "dev", scene.net().ours());
        },
        "10.99.0.7:51821");
  }

  /** Something that happens on the way. */
  private interface Change {
    void make() throws IOException;
  }

  /** A connection of the kernel's goes on while the way changes; then the peer sees us there. */
  private void talkThrough(Change change, String seen) throws IOException {
    var node = scene.start("10.99.0.2:51820", "do=listen", "to=10.98.0.2");
    PeerScene.awaitLine(node, "listening");
    var talker = scene.startPeersProgram(Talker.class, "10.98.0.1", "7");
    PeerScene.awaitLine(talker, "came");

    change.make();
    try (var orders = talker.outputWriter()) {
      orders.write("go on\n");
    }
    assertThat(PeerScene.all(talker)).containsPattern("same, after=(\\d{7,})");
    assertThat(scene.seenFrom()).endsWith("\t" + seen + "\n");
    assertThat(PeerScene.all(node)).contains("connections=1 ");
  }

  /** So many connections at once, each of which sends, ends, and gets back what it sent. */
  private String callUs(String address, int connections, long octets) throws IOException {
    return callUs(US, address, connections, octets);
  }

  private String callUs(String endpoint, String address, int connections, long octets)
      throws IOException {
    var node = scene.startCalled("do=listen", "connections=" + connections, "seconds=500");
    PeerScene.awaitLine(node, "listening");
    scene.peerCalls(endpoint);

    var dialler =
        scene.startPeersProgram(Dialler.class, address, "7", "" + connections, "" + octets);
    var said = PeerScene.all(dialler);
    assertThat(said).contains(connections + " of " + connections + " came back");
    assertThat(PeerScene.all(node))
        .contains("connections=" + connections + " octets=" + connections * octets);
    return said;
  }
}

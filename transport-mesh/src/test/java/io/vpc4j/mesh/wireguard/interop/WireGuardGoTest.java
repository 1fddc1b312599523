package io.vpc4j.mesh.wireguard.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.wireguard.WireGuard;
import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import io.vpc4j.mesh.wireguard.crypto.PublicKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The engine and a real {@code wireguard-go} with the kernel's ICMP behind it. Needs root and the
 * programs {@code wireguard-go}, {@code wg} and {@code ip}; says so where they are missing.
 */
@ExtendWith(NeedsWireGuardGo.class)
class WireGuardGoTest {

  private static final String PEER_PORT = "51820";

  private final PrivateKey ours = PrivateKey.generate(new SecureRandom()::nextBytes);
  private final PrivateKey theirs = PrivateKey.generate(new SecureRandom()::nextBytes);
  private Namespaces net;

  @TempDir Path folder;

  @BeforeEach
  void layTheCable() throws IOException {
    net = new Namespaces("wgit" + ProcessHandle.current().pid() % 1000, folder);
  }

  @AfterEach
  void takeItAway() throws IOException {
    net.close();
  }

  @Test
  void weCallAndPing() throws IOException {
    startPeer("");

    var said = node(toPeer("10.99.0.2"), "pings=50", "everyMs=10", "lifeMs=20000");

    assertThat(said).contains("sent=50 replies=50 ", "CompletedINITIATOR=1", "drops={}");
  }

  @Test
  void thePeerCallsAndPings() throws IOException {
    startPeer("Endpoint = 10.99.0.1:51821\n");

    var node = startNode("port=51821", "lifeMs=60000");

    assertThat(peerPings("10.98.0.1", 20, 0)).contains("20 of 20 answered");
    assertThat(ended(node)).contains("answered=20 ", "CompletedRESPONDER=1", "drops={}");
  }

  @Test
  void thePeerCallsOverOuterAndInnerIpv6WithAPresharedKey() throws IOException {
    var psk = new byte[32];
    new SecureRandom().nextBytes(psk);
    var text = Base64.getEncoder().encodeToString(psk);
    startPeer("PresharedKey = " + text + "\nEndpoint = [fd99::1]:51821\n");

    var node =
        startNode(
            "psk=" + text, "address=fd98::1", "peerAddress=fd98::2", "port=51821", "lifeMs=60000");

    assertThat(peerPings("fd98::1", 20, 0)).contains("20 of 20 answered");
    assertThat(ended(node)).contains("answered=20 ", "CompletedRESPONDER=1", "drops={}");
  }

  @Test
  void outerAndInnerIpv6WithAPresharedKey() throws IOException {
    var psk = new byte[32];
    new SecureRandom().nextBytes(psk);
    var text = Base64.getEncoder().encodeToString(psk);
    startPeer("PresharedKey = " + text + "\n");

    var said =
        node(
            toPeer("fd99::2"),
            "psk=" + text,
            "address=fd98::1",
            "peerAddress=fd98::2",
            "pings=50",
            "everyMs=10",
            "lifeMs=20000");

    assertThat(said).contains("sent=50 replies=50 ", "CompletedINITIATOR=1", "drops={}");
  }

  @Test
  void anotherPresharedKeyGetsNoAnswer() throws IOException {
    startPeer("PresharedKey = " + "A".repeat(42) + "E=\n");

    var said = node(toPeer("10.99.0.2"), "pings=1", "untilDrop=1", "lifeMs=20000");

    assertThat(said).contains("replies=0 ", "HANDSHAKE_FORGED=1").doesNotContain("Completed");
  }

  @Test
  void keysAreReplacedUnderLoadWithoutLosingAPacket() throws IOException {
    startPeer("");

    var said = node(toPeer("10.99.0.2"), "rekeyMs=300", "pings=900", "everyMs=4", "lifeMs=40000");

    assertThat(said).contains("sent=900 replies=900 ");
    // on a busy machine an answer may come after the handshake was begun again: nobody's by then
    assertThat(said).containsPattern("drops=\\{(UNKNOWN_RECEIVER=\\d+)?}");
    assertThat(figure(said, "CompletedINITIATOR")).isGreaterThanOrEqualTo(8);
  }

  /** We called, so it is ours to replace the keys; what is sent meanwhile is the peer's. */
  @Test
  void keysAreReplacedWithoutLosingAPacketOfThePeers() throws IOException {
    startPeer("");
    var node =
        startNode(
            "endpoint=10.99.0.2",
            "endpointPort=" + PEER_PORT,
            "answer=1",
            "rekeyMs=300",
            "pings=1",
            "port=51821",
            "lifeMs=60000");
    var pings =
        Pattern.compile("(\\d+) of (\\d+) answered").matcher(peerPings("10.98.0.1", 500, 3000));

    assertThat(pings.find()).isTrue();
    assertThat(pings.group(1)).isEqualTo(pings.group(2));
    var said = ended(node);
    assertThat(said).containsPattern("drops=\\{(UNKNOWN_RECEIVER=\\d+)?}");
    // ten on a machine that keeps the time, fewer on one that does not
    assertThat(figure(said, "CompletedINITIATOR")).isGreaterThanOrEqualTo(2);
    assertThat(figure(said, "answered")).isGreaterThanOrEqualTo(500);
  }

  @Test
  void thePeerFollowsUsToAnotherPort() throws IOException {
    startPeer("");

    var said = node(toPeer("10.99.0.2"), "pings=200", "everyMs=10", "moveEvery=50", "lifeMs=20000");

    assertThat(said).contains("sent=200 replies=200 ", "moves=3", "CompletedINITIATOR=1");
  }

  @Test
  void underLoadThePeerBringsACookie() throws IOException {
    startPeer("Endpoint = 10.99.0.1:51821\n");

    var node = startNode("port=51821", "underLoad=1", "lifeMs=60000");

    assertThat(peerPings("10.98.0.1", 3, 0)).contains("3 of 3 answered");
    assertThat(ended(node)).contains("CompletedRESPONDER=1", "drops={COOKIE_ASKED=1}");
  }

  private void startPeer(String more) throws IOException {
    net.startPeer(
        """
        [Interface]
        PrivateKey = %s
        ListenPort = %s
        [Peer]
        PublicKey = %s
        AllowedIPs = 10.98.0.1/32, fd98::1/128
        """
                .formatted(theirs.toSecretBase64(), PEER_PORT, ours.publicKey())
            + more,
        "10.98.0.2/24",
        "fd98::2/64");
  }

  private static String[] toPeer(String address) {
    return new String[] {"endpoint=" + address, "endpointPort=" + PEER_PORT};
  }

  private String node(String[] first, String... rest) throws IOException {
    var all = new ArrayList<>(List.of(first));
    all.addAll(List.of(rest));
    return outcome(startNode(all.toArray(String[]::new)));
  }

  private Process startNode(String... options) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-cp");
    // The tests' own classes as well: on the module path they are patched in, and on neither path.
    command.add(
        String.join(
            java.io.File.pathSeparator,
            Path.of(System.getProperty("basedir", ""), "target", "test-classes").toString(),
            System.getProperty("java.class.path"),
            System.getProperty("jdk.module.path", "")));
    command.add(EngineNode.class.getName());
    command.addAll(List.of("key=" + ours.toSecretBase64(), "peer=" + theirs.publicKey()));
    if (List.of(options).stream().noneMatch(option -> option.startsWith("address="))) {
      command.addAll(List.of("address=10.98.0.1", "peerAddress=10.98.0.2"));
    }
    command.addAll(List.of(options));
    var process = net.start(net.ours(), command);
    var first = process.inputReader(StandardCharsets.UTF_8).readLine();
    assertThat(first).as("the node's first line").isEqualTo("ready");
    return process;
  }

  private String peerPings(String address, int count, int atLeastMs) throws IOException {
    var command = java(Pinger.class);
    command.addAll(List.of(address, Integer.toString(count), Integer.toString(atLeastMs)));
    return net.in(net.theirs(), command.toArray(String[]::new));
  }

  private static List<String> java(Class<?> main) {
    var classes = new ArrayList<String>();
    for (var type :
        List.of(main, WireGuard.class, PublicKey.class, IpAddress.class, X25519.class)) {
      classes.add(
          Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath()).toString());
    }
    return new ArrayList<>(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1", // it starts sooner
            "-cp",
            String.join(java.io.File.pathSeparator, classes),
            main.getName()));
  }

  /** Tells it that it has been long enough. */
  private String ended(Process node) throws IOException {
    node.getOutputStream().close();
    return outcome(node);
  }

  private String outcome(Process node) throws IOException {
    var said = new StringBuilder();
    var reader = node.inputReader(StandardCharsets.UTF_8);
    for (var line = reader.readLine(); line != null; line = reader.readLine()) {
      said.append(line).append('\n');
    }
    said.append("wireguard-go:\n").append(Files.readString(net.log(net.device())));
    return said.toString();
  }

  private static int figure(String said, String name) {
    var matcher = Pattern.compile(name + "=(\\d+)").matcher(said);
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
  }
}

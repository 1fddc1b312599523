package io.vpc4j.mesh.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import io.vpc4j.mesh.wireguard.interop.Namespaces;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A node between two real peers: as their hub, and while one of them dies. */
@ExtendWith(NeedsRealPeers.class)
@Timeout(300)
class TwoRealPeersTest {

  private static final String CLIENT = "10.77.0.1"; // behind each of the two

  private final PrivateKey ours = PrivateKey.generate(new SecureRandom()::nextBytes);
  private final PrivateKey first = PrivateKey.generate(new SecureRandom()::nextBytes);
  private final PrivateKey second = PrivateKey.generate(new SecureRandom()::nextBytes);
  private final List<Path> nginxes = new ArrayList<>();
  private Namespaces net;
  private SecondPeer other;

  @TempDir Path folder;

  @BeforeEach
  void startThePeers() throws IOException {
    net = new Namespaces("st2p" + ProcessHandle.current().pid() % 1000, folder);
    net.startPeer(settings(first, "10.99.0.1"), "10.98.0.2/24", "10.77.0.1/32");
    other = new SecondPeer(net, settings(second, "10.99.1.1"), "10.98.0.3/24", "10.77.0.1/32");
  }

  private String settings(PrivateKey key, String hub) {
    return """
        [Interface]
        PrivateKey = %s
        ListenPort = 51820
        [Peer]
        PublicKey = %s
        Endpoint = %s:51821
        AllowedIPs = 10.98.0.0/24
        """
        .formatted(key.toSecretBase64(), ours.publicKey(), hub);
  }

  @AfterEach
  void takeThemAway() throws IOException {
    for (var pid : nginxes) {
      Namespaces.run("kill", Files.readString(pid).trim());
    }
    other.close();
    net.close();
  }

  @Test
  void twoKernelsTalkThroughOurProcess() throws IOException {
    serve(net.theirs(), "one");
    serve(other.namespace(), "two");
    var hub = start("do=idle", "to=10.98.0.3", "seconds=60");
    assertThat(until(hub, "up")).contains("up");

    assertThat(net.in(net.theirs(), "curl", "-s", "-m", "20", "http://10.98.0.3/")).contains("two");
    assertThat(net.in(net.theirs(), "curl", "-s", "-m", "60", "http://10.98.0.3/large").length())
        .isEqualTo(4 << 20);
    assertThat(other.in("curl", "-s", "-m", "20", "http://10.98.0.2/")).contains("one");
    assertThat(other.in("curl", "-s", "-m", "60", "http://10.98.0.2/large").length())
        .isEqualTo(4 << 20);
    hub.getOutputStream().close(); // it says what it has done, and ends
    var counters = until(hub, "forwarded=");
    assertThat(counters).doesNotContain("forwarded=0");
  }

  @Test
  void aDeadNodesPrefixMovesAndComesBack() throws IOException {
    serve(net.theirs(), "one");
    serve(other.namespace(), "two");
    var node =
        start(
            "do=poll",
            "to=10.77.0.1",
            "download=/endless",
            "seconds=90", // WireGuard itself would need three minutes
            "peer1route=10.77.0.0/24",
            "peer2route=10.77.0.0/24");
    var reader = node.inputReader();

    assertThat(until(reader, " one ")).contains(" one ");
    net.in(net.ours(), "ip", "link", "set", net.ours(), "down");
    var meanwhile = until(reader, " two ");
    assertThat(meanwhile).contains(" two ").contains("download ended");
    assertThat(meanwhile).as("typed, and not a mere end").contains("NoRouteToHostException");
    net.in(net.ours(), "ip", "link", "set", net.ours(), "up");
    assertThat(until(reader, " one ")).as("it comes back").contains(" one ");
    node.destroy();
  }

  /** The other way: who calls us from a prefix calls from the node that has it now. */
  @Test
  void aDeadNodesKernelIsHeardThroughTheOther() throws IOException {
    var node =
        start(
            "do=listen",
            "connections=99",
            "seconds=90",
            "peer1route=10.77.0.0/24",
            "peer2route=10.77.0.0/24");
    var reader = node.inputReader();
    assertThat(until(reader, "listening")).contains("listening");
    var talker = client(net.theirs(), Talker.class, "10.98.0.1", "7", CLIENT);
    assertThat(until(talker, "came")).contains("came");

    net.in(net.ours(), "ip", "link", "set", net.ours(), "down");
    assertThat(until(reader, "connection failed"))
        .as("typed, and not a mere end")
        .contains("NoRouteToHostException");
    assertThat(echoed(other.namespace())).contains("4 of 4 came back");
    net.in(net.ours(), "ip", "link", "set", net.ours(), "up");
    assertThat(echoed(net.theirs())).as("it comes back").contains("4 of 4 came back");
    assertThat(until(talker, "failed")).as("what it had is over").contains("Connection reset");
    node.destroy();
  }

  private String echoed(String namespace) throws IOException {
    return PeerScene.all(client(namespace, Dialler.class, "10.98.0.1", "7", "4", "100000", CLIENT));
  }

  private Process client(String namespace, Class<?> main, String... arguments) throws IOException {
    var command = PeerScene.java(main);
    command.addAll(List.of(arguments));
    return net.start(namespace, command);
  }

  private void serve(String namespace, String page) throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    var root = Files.createDirectories(folder.resolve(page));
    Files.writeString(root.resolve("index.html"), page);
    Files.writeString(root.resolve("large"), "x".repeat(4 << 20));
    Files.write(root.resolve("endless"), new byte[256 << 20]);
    var pid = root.resolve("nginx.pid");
    var settings =
        """
        user root; worker_processes 1; pid %1$s; error_log %2$s/nginx.log;
        events { worker_connections 1024; }
        http { access_log off; server {
          listen 80; root %2$s; location /endless { limit_rate 1m; }
        } }
        """
            .formatted(pid, root);
    var configuration = Files.writeString(root.resolve("nginx.conf"), settings);
    Namespaces.run("ip", "netns", "exec", namespace, "nginx", "-c", configuration.toString());
    nginxes.add(pid);
  }

  private Process start(String... options) throws IOException {
    var command = PeerScene.java(MeshProgram.class);
    command.addAll(
        List.of(
            "key=" + ours.toSecretBase64(),
            "addresses=10.98.0.1",
            "port=51821",
            "peer1=" + first.publicKey(),
            "peer1addresses=10.98.0.2",
            "peer1endpoint=10.99.0.2:51820",
            "peer2=" + second.publicKey(),
            "peer2addresses=10.98.0.3",
            "peer2endpoint=10.99.1.2:51820"));
    command.addAll(List.of(options));
    return net.start(net.ours(), command);
  }

  private static String until(Process process, String wanted) throws IOException {
    return until(process.inputReader(), wanted);
  }

  /** What it says, up to the line that has it or the end. */
  private static String until(BufferedReader reader, String wanted) throws IOException {
    var said = new StringBuilder();
    for (var line = reader.readLine(); line != null; line = reader.readLine()) {
      said.append(line).append('\n');
      if (line.contains(wanted)) {
        break;
      }
    }
    return said.toString();
  }
}

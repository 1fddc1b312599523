package io.vpc4j.mesh.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import io.vpc4j.mesh.wireguard.interop.Namespaces;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A node and a real peer: {@code wireguard-go}, the Linux kernel's TCP and nginx behind it. Needs
 * root and the programs; says so where they are missing.
 *
 * <p>The property {@code vpc4j.mesh.octets} says how much the large transfers carry, in all; 16 MiB
 * unless it is set. With GiB of them, {@code vpc4j.mesh.seconds} must grow as well.
 */
@ExtendWith(NeedsRealPeers.class)
@Timeout(600)
class RealPeerTest {

  private static final long OCTETS = Long.getLong("vpc4j.mesh.octets", 16 << 20);

  private static final String HERE = "127.0.0.1";
  private static final String BEHIND_US = "10.55.0.1"; // what our node announces

  private final PrivateKey ours = PrivateKey.generate(new SecureRandom()::nextBytes);
  private final PrivateKey theirs = PrivateKey.generate(new SecureRandom()::nextBytes);
  private Namespaces net;

  @TempDir Path folder;

  @BeforeEach
  void startThePeer() throws IOException {
    net = new Namespaces("stit" + ProcessHandle.current().pid() % 1000, folder);
    net.startPeer(
        """
        [Interface]
        PrivateKey = %s
        ListenPort = 51820
        [Peer]
        PublicKey = %s
        AllowedIPs = 10.98.0.1/32, fd98::1/128, 10.55.0.1/32
        """
            .formatted(theirs.toSecretBase64(), ours.publicKey()),
        "10.98.0.2/24",
        "fd98::2/64");
  }

  @AfterEach
  void takeItAway() throws IOException {
    var pid = folder.resolve("nginx.pid");
    if (Files.exists(pid)) {
      net.in(net.theirs(), "kill", Files.readString(pid).trim());
    }
    net.close();
  }

  // ---- downloads

  @ParameterizedTest
  @ValueSource(strings = {"10.98.0.2", "fd98::2"})
  void aPageComesFromNginx(String address) throws IOException {
    serve(Files.writeString(folder.resolve("page"), "hello"));

    assertThat(node("10.99.0.2:51820", "do=get", "to=" + address, "path=/page"))
        .contains("ok=1 failed=0 octets=5 ");
  }

  @Test
  void overIpv6OutsideAsWell() throws IOException {
    serve(Files.writeString(folder.resolve("page"), "hello"));

    assertThat(node("[fd99::2]:51820", "do=get", "to=10.98.0.2", "path=/page"))
        .contains("ok=1 failed=0 octets=5 ");
  }

  @Test
  void aLargeDownloadIsWhatWasServed() throws Exception {
    var digest = serve(large(OCTETS));

    assertThat(node("10.99.0.2:51820", "do=get", "to=10.98.0.2", "path=/large", "seconds=500"))
        .contains("ok=1 failed=0 octets=" + OCTETS + " sha256=" + digest);
  }

  /** Each is what was served, though four share one peer, and one loop of ours. */
  @Test
  void fourLargeDownloadsAtOnce() throws Exception {
    var digest = serve(large(OCTETS / 4));
    var said =
        node(
            "10.99.0.2:51820",
            "do=get",
            "to=10.98.0.2",
            "path=/large",
            "connections=4",
            "digests=each",
            "seconds=500");

    var got = Pattern.compile("got=" + OCTETS / 4 + " sha256=" + digest).matcher(said);
    assertThat(got.results()).as(said).hasSize(4);
    System.out.println(said); // how fast it was, for people
    assertThat(said).contains("ok=4 failed=0 octets=" + OCTETS / 4 * 4 + " ");
  }

  @Test
  void aThousandConnectionsAtOnce() throws IOException {
    serve(Files.writeString(folder.resolve("page"), "hello"));

    assertThat(node("10.99.0.2:51820", "do=get", "to=10.98.0.2", "path=/page", "connections=1000"))
        .contains("ok=1000 failed=0 octets=5000 ");
  }

  // ---- uploads, and an end of ours before the answer

  @Test
  void aLargeUploadIsWhatWasSentAndItsEndIsAnswered() throws IOException {
    var sink = startPeersProgram(Sink.class, "10.98.0.2", "9", "1");
    var said =
        node(
            "10.99.0.2:51820",
            "do=put",
            "to=10.98.0.2",
            "toPort=9",
            "octets=" + OCTETS,
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
    var sink = startPeersProgram(Sink.class, "10.98.0.2", "9", "4");
    var said =
        node(
            "10.99.0.2:51820",
            "do=put",
            "to=10.98.0.2",
            "toPort=9",
            "connections=4",
            "octets=" + OCTETS / 4,
            "seconds=500");

    var sent = Pattern.compile("sent=(\\d+) sha256=(\\w+) answer=\\1:\\2 ").matcher(said);
    assertThat(sent.results()).as(said).hasSize(4);
    System.out.println(said);
    sink.destroy();
  }

  // ---- bad ways

  @Test
  void fivePercentLossBothWays() throws Exception {
    lose(net.ours(), "udp sport 51820", 5);
    lose(net.theirs(), "udp dport 51820", 5);
    var octets = Files.write(folder.resolve("large"), new byte[8 << 20]);
    var digest = serve(octets);

    assertThat(node("10.99.0.2:51820", "do=get", "to=10.98.0.2", "path=/large", "seconds=300"))
        .contains("ok=1 failed=0 octets=" + (8 << 20) + " sha256=" + digest);
    var sink = startPeersProgram(Sink.class, "10.98.0.2", "9", "1");
    assertThat(
            node(
                "10.99.0.2:51820",
                "do=put",
                "to=10.98.0.2",
                "toPort=9",
                "octets=8388608",
                "seconds=300"))
        .contains("answer=8388608:");
    sink.destroy();
  }

  private void lose(String namespace, String what, int percent) throws IOException {
    var rules =
        """
        table inet faults {
          chain in {
            type filter hook input priority 0; policy accept;
            %s numgen random mod 100 < %d drop
          }
        }
        """
            .formatted(what, percent);
    net.in(namespace, "nft", "-f", Files.writeString(folder.resolve("nft"), rules).toString());
  }

  @Test
  void aPeerWithASmallerMtu() throws Exception {
    net.in(net.theirs(), "ip", "link", "set", net.device(), "mtu", "1280");
    var digest = serve(large(OCTETS));

    assertThat(node("10.99.0.2:51820", "do=get", "to=fd98::2", "path=/large", "seconds=500"))
        .contains("ok=1 failed=0 octets=" + OCTETS + " sha256=" + digest);
    var sink = startPeersProgram(Sink.class, "10.98.0.2", "9", "1");
    assertThat(node("10.99.0.2:51820", "do=put", "to=10.98.0.2", "toPort=9", "octets=4194304"))
        .contains("answer=4194304:");
    sink.destroy();
  }

  /** The cable is narrower than a datagram of ours: both kernels cut them to fragments. */
  @Test
  void aCableWithASmallerMtu() throws Exception {
    narrow();
    var digest = serve(large(4 << 20));

    assertThat(node("10.99.0.2:51820", "do=get", "to=10.98.0.2", "path=/large"))
        .contains("ok=1 failed=0 octets=" + (4 << 20) + " sha256=" + digest);
    var sink = startPeersProgram(Sink.class, "10.98.0.2", "9", "1");
    assertThat(node("[fd99::2]:51820", "do=put", "to=10.98.0.2", "toPort=9", "octets=4194304"))
        .contains("answer=4194304:");
    sink.destroy();
  }

  private void narrow() throws IOException {
    net.in(net.ours(), "ip", "link", "set", net.ours(), "mtu", "1280");
    net.in(net.theirs(), "ip", "link", "set", net.theirs(), "mtu", "1280");
  }

  @Test
  void throughANatThatChoosesThePort() throws Exception {
    var rules =
        """
        table ip nat {
          chain out {
            type nat hook postrouting priority srcnat; policy accept;
            udp sport 51821 masquerade to :40000-40099 random
          }
        }
        """;
    net.in(net.ours(), "nft", "-f", Files.writeString(folder.resolve("nat"), rules).toString());
    var digest = serve(large(4 << 20));

    assertThat(node("10.99.0.2:51820", "do=get", "to=10.98.0.2", "path=/large"))
        .contains("ok=1 failed=0 octets=" + (4 << 20) + " sha256=" + digest);
    assertThat(net.in(net.theirs(), "wg", "show", net.device(), "endpoints"))
        .as("where the peer saw us")
        .contains("\t10.99.0.1:400");
  }

  /** What a download is in the middle of goes on from where the peer is now. */
  @Test
  void weFollowThePeerToAnotherPort() throws Exception {
    serve(Files.writeString(folder.resolve("index.html"), "hello"));
    Files.write(folder.resolve("slow"), new byte[12 << 20]);
    var node = start("10.99.0.2:51820", "do=poll", "to=10.98.0.2", "download=/slow", "seconds=100");
    var reader = node.inputReader();

    awaitPart(reader, " hello ");
    net.in(net.theirs(), "wg", "set", net.device(), "listen-port", "51999");
    awaitPart(reader, "download ended: " + (12 << 20) + " null");
    awaitPart(reader, " hello ");
    node.destroy();
  }

  private static void awaitPart(BufferedReader reader, String wanted) throws IOException {
    var said = new StringBuilder();
    for (var line = reader.readLine(); line != null; line = reader.readLine()) {
      said.append(line).append('\n');
      if (line.contains(wanted)) {
        return;
      }
    }
    assertThat(said.toString()).contains(wanted);
  }

  // ---- the kernel connects to us

  @ParameterizedTest(name = "{1} connections to {0}, {2} octets each way")
  @CsvSource({"10.98.0.1, 100, 1000000", "fd98::1, 4, 4000000", "10.98.0.1, 1000, 1000"})
  void theKernelConnectsToUs(String address, int connections, int octets) throws Exception {
    callUs(address, connections, octets);
  }

  /** Each way at once, on connections that the kernel begins. */
  @Test
  void theKernelSendsAndGetsLargeOnesOnFourConnections() throws Exception {
    System.out.println(callUs("10.98.0.1", 4, OCTETS / 4)); // how fast it was, for people
  }

  @Test
  void theKernelConnectsToUsOverABadWay() throws Exception {
    lose(net.ours(), "udp sport 51820", 5);
    lose(net.theirs(), "udp dport 51820", 5);
    callUs("10.98.0.1", 8, 500_000);
  }

  @ParameterizedTest(name = "to {0}, the peer''s own MTU being {1}")
  @CsvSource({"10.98.0.1, 1420", "fd98::1, 1280"})
  void theKernelConnectsToUsOverANarrowWay(String address, String mtu) throws Exception {
    narrow();
    net.in(net.theirs(), "ip", "link", "set", net.device(), "mtu", mtu);
    callUs(address, 2, 2_000_000);
  }

  /** A kernel's client, our node, and nginx on this side of it. */
  @Test
  void theKernelReachesNginxThroughUs() throws Exception {
    var digest = serve(net.ours(), large(OCTETS / 4));
    var node = startBetween();

    var page = folder.resolve("fetched").toString();
    var url = "http://" + BEHIND_US + "/large";
    all(net.start(net.theirs(), List.of("curl", "-s", "-S", "-m", "500", "-o", page, url)));
    assertThat(digest(Path.of(page))).isEqualTo(digest);
    var refused = net.in(net.theirs(), "sh", "-c", "curl -s -m 30 " + BEHIND_US + ":81; echo $?");
    assertThat(refused.trim()).as("curl's word for a refused connection").isEqualTo("7");
    node.destroy();
  }

  @Test
  void theKernelReachesPostgresThroughUs() throws Exception {
    var programs = PostgresHere.programs();
    assumeThat(programs).as("NOT RUN: no PostgreSQL server is installed").isNotNull();
    try (var postgres = new PostgresHere(net, net.ours(), folder, programs)) {
      var node = startBetween();

      var sum = "select sum(n) from generate_series(1, 1000) n";
      assertThat(postgres.ask(net.theirs(), BEHIND_US, sum)).isEqualTo("500500\n");
      var rows = "copy (select n, md5(n::text) from generate_series(1, 50000) n) to stdout";
      var copied = postgres.ask(net.theirs(), BEHIND_US, rows);
      assertThat(copied).hasLineCount(50_000).isEqualTo(postgres.ask(net.ours(), HERE, rows));
      node.destroy();
    }
  }

  /** A node that stands in for an address, with what is on this side of it behind that. */
  private Process startBetween() throws IOException {
    net.in(net.theirs(), "ip", "route", "add", BEHIND_US, "dev", net.device());
    var node =
        start(
            "10.99.0.2:51820",
            "do=idle",
            "to=10.98.0.2",
            "seconds=110",
            "announce=" + BEHIND_US + "/32",
            "onward=" + HERE + "/32");
    awaitLine(node, "up");
    return node;
  }

  /** So many connections at once, each of which sends, ends, and gets back what it sent. */
  private String callUs(String address, int connections, long octets) throws Exception {
    var node = start("10.99.0.2:51820", "do=listen", "connections=" + connections, "seconds=500");
    awaitLine(node, "listening");
    // The peer has no endpoint of ours until we have called.
    net.in(
        net.theirs(),
        "wg",
        "set",
        net.device(),
        "peer",
        ours.publicKey().toString(),
        "endpoint",
        "10.99.0.1:51821");

    var dialler = startPeersProgram(Dialler.class, address, "7", "" + connections, "" + octets);
    var said = all(dialler);
    assertThat(said).contains(connections + " of " + connections + " came back");
    assertThat(all(node))
        .contains("connections=" + connections + " octets=" + connections * octets);
    return said;
  }

  // ---- steps

  private Path large(long octets) throws IOException {
    var file = folder.resolve("large");
    var random = new Random(1);
    var piece = new byte[1 << 20];
    try (var out = Files.newOutputStream(file)) {
      for (var left = octets; left > 0; left -= piece.length) {
        random.nextBytes(piece);
        out.write(piece, 0, (int) Math.min(left, piece.length));
      }
    }
    return file;
  }

  /** Has nginx serve the file's folder; gives the file's digest. */
  private String serve(Path file) throws IOException {
    return serve(net.theirs(), file);
  }

  private String serve(String namespace, Path file) throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    var settings =
        """
        user root; worker_processes 1; pid %1$s/nginx.pid; error_log %1$s/nginx.log;
        events { worker_connections 4096; }
        http {
          access_log off; sendfile on;
          server { listen 80 backlog=2048; listen [::]:80 backlog=2048; root %1$s;
            location /slow { limit_rate 2m; }
          }
        }
        """
            .formatted(folder);
    var configuration = Files.writeString(folder.resolve("nginx.conf"), settings);
    net.in(namespace, "nginx", "-c", configuration.toString());
    return digest(file);
  }

  private static String digest(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      var digest = MessageDigest.getInstance("SHA-256");
      in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IOException(e);
    }
  }

  private String node(String endpoint, String... options) throws IOException {
    return all(start(endpoint, options));
  }

  private Process start(String endpoint, String... options) throws IOException {
    var command = java(MeshProgram.class);
    command.addAll(
        List.of(
            "key=" + ours.toSecretBase64(),
            "addresses=10.98.0.1,fd98::1",
            "port=51821",
            "peer1=" + theirs.publicKey(),
            "peer1addresses=10.98.0.2,fd98::2",
            "peer1endpoint=" + endpoint));
    command.addAll(List.of(options));
    return net.start(net.ours(), command);
  }

  private Process startPeersProgram(Class<?> main, String... arguments) throws IOException {
    var command = java(main);
    command.addAll(List.of(arguments));
    var process = net.start(net.theirs(), command);
    if (main == Sink.class) {
      awaitLine(process, "ready");
    }
    return process;
  }

  /** It may log before. */
  private static void awaitLine(Process process, String wanted) throws IOException {
    var line = process.inputReader().readLine();
    while (line != null && !line.equals(wanted)) {
      line = process.inputReader().readLine();
    }
    assertThat(line).isEqualTo(wanted);
  }

  static List<String> java(Class<?> main) {
    var path =
        Stream.of(
                System.getProperty("java.class.path"),
                System.getProperty("jdk.module.path", ""),
                location(RealPeerTest.class),
                location(PrivateKey.class))
            .filter(part -> !part.isEmpty())
            .toList();
    return new ArrayList<>(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            String.join(File.pathSeparator, path),
            main.getName()));
  }

  private static String location(Class<?> type) {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath()).toString();
  }

  private static String all(Process process) throws IOException {
    var said = new StringBuilder();
    var reader = process.inputReader(StandardCharsets.UTF_8);
    for (var line = reader.readLine(); line != null; line = reader.readLine()) {
      said.append(line).append('\n');
    }
    return said.toString();
  }
}

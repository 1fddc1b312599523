package io.vpc4j.mesh.interop;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.stream.Stream;

/**
 * A real peer in a namespace of its own, what is put in its way, and the processes that tests start
 * beside it: nodes of ours, and clients and servers of its kernel. Closing takes all of it away.
 */
final class PeerScene implements AutoCloseable {

  /**
   * What the large transfers carry, in all. With GiB, {@code vpc4j.mesh.seconds} must grow as well.
   */
  static final long OCTETS = Long.getLong("vpc4j.mesh.octets", 16 << 20);

  /** What a node of ours announces. */
  static final String BEHIND_US = "10.55.0.1";

  private final PrivateKey ours = PrivateKey.generate(new SecureRandom()::nextBytes);
  private final PrivateKey theirs = PrivateKey.generate(new SecureRandom()::nextBytes);
  private final Namespaces net;
  private final Path folder;

  /** {@code prefix} is four characters, of this test class alone. */
  PeerScene(String prefix, Path folder) throws IOException {
    this.folder = folder;
    net = new Namespaces(prefix + ProcessHandle.current().pid() % 1000, folder);
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

  Namespaces net() {
    return net;
  }

  @Override
  public void close() throws IOException {
    var pid = folder.resolve("nginx.pid");
    if (Files.exists(pid)) {
      net.in(net.theirs(), "kill", Files.readString(pid).trim());
    }
    net.close();
  }

  // ---- the way between

  /** Both ends lose so many of the datagrams that come. */
  void lose(int percent) throws IOException {
    lose(net.ours(), "udp sport 51820", percent);
    lose(net.theirs(), "udp dport 51820", percent);
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

  /** The cable takes less than a datagram of ours. */
  void narrow() throws IOException {
    net.in(net.ours(), "ip", "link", "set", net.ours(), "mtu", "1280");
    net.in(net.theirs(), "ip", "link", "set", net.theirs(), "mtu", "1280");
  }

  /** Whoever is in that namespace is seen from one of the ports from 40000 to 40099. */
  void translate(String namespace, int port) throws IOException {
    var rules =
        """
        table ip nat {
          chain out {
            type nat hook postrouting priority srcnat; policy accept;
            udp sport %d masquerade to :40000-40099 random
          }
        }
        """
            .formatted(port);
    net.in(namespace, "nft", "-f", Files.writeString(folder.resolve("nat"), rules).toString());
  }

  /** From where the peer sees us. */
  String seenFrom() throws IOException {
    return net.in(net.theirs(), "wg", "show", net.device(), "endpoints");
  }

  /** Tells the peer where we are; until then it does not know. */
  void peerCalls(String endpoint) throws IOException {
    var key = ours.publicKey().toString();
    net.in(net.theirs(), "wg", "set", net.device(), "peer", key, "endpoint", endpoint);
  }

  // ---- what is served

  Path large(long octets) throws IOException {
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

  /** Has nginx serve the file's folder, behind the peer; gives the file's digest. */
  String serve(Path file) throws IOException {
    return serve(net.theirs(), file);
  }

  String serve(String namespace, Path file) throws IOException {
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

  static String digest(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      var digest = MessageDigest.getInstance("SHA-256");
      in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IOException(e);
    }
  }

  // ---- processes

  /** What a node of ours says until it ends. */
  String node(String endpoint, String... options) throws IOException {
    return all(start(endpoint, options));
  }

  /** Starts a node of ours that knows where the peer is. */
  Process start(String endpoint, String... options) throws IOException {
    var all = new ArrayList<>(List.of("peer1endpoint=" + endpoint));
    all.addAll(List.of(options));
    return startCalled(all.toArray(String[]::new));
  }

  /** Starts a node of ours that the peer must call. */
  Process startCalled(String... options) throws IOException {
    var command = java(MeshProgram.class);
    command.addAll(
        List.of(
            "key=" + ours.toSecretBase64(),
            "addresses=10.98.0.1,fd98::1",
            "port=51821",
            "peer1=" + theirs.publicKey(),
            "peer1addresses=10.98.0.2,fd98::2"));
    command.addAll(List.of(options));
    return net.start(net.ours(), command);
  }

  /** A node that stands in for an address, with what is on this side of it behind that. */
  Process startBetween(String onward) throws IOException {
    net.in(net.theirs(), "ip", "route", "add", BEHIND_US, "dev", net.device());
    var node =
        start(
            "10.99.0.2:51820",
            "do=idle",
            "to=10.98.0.2",
            "seconds=110",
            "announce=" + BEHIND_US + "/32",
            "onward=" + onward + "/32");
    awaitLine(node, "up");
    return node;
  }

  /** A program on the peer's kernel. */
  Process startPeersProgram(Class<?> main, String... arguments) throws IOException {
    var command = java(main);
    command.addAll(List.of(arguments));
    return net.start(net.theirs(), command);
  }

  /** A server on the peer's kernel that is ready. */
  Process startSink(int connections) throws IOException {
    var sink = startPeersProgram(Sink.class, "10.98.0.2", "9", Integer.toString(connections));
    awaitLine(sink, "ready");
    return sink;
  }

  /** Waits for a line that is just this; it may log before. */
  static void awaitLine(Process process, String wanted) throws IOException {
    var said = new StringBuilder();
    var line = process.inputReader().readLine();
    while (line != null && !line.equals(wanted)) {
      said.append(line).append('\n');
      line = process.inputReader().readLine();
    }
    assertThat(line).as(said.toString()).isEqualTo(wanted);
  }

  /** Waits for a line that has this in it. */
  static void awaitPart(BufferedReader reader, String wanted) throws IOException {
    var said = new StringBuilder();
    for (var line = reader.readLine(); line != null; line = reader.readLine()) {
      said.append(line).append('\n');
      if (line.contains(wanted)) {
        return;
      }
    }
    assertThat(said.toString()).contains(wanted);
  }

  /** What it says until it ends. */
  static String all(Process process) throws IOException {
    var said = new StringBuilder();
    var reader = process.inputReader(StandardCharsets.UTF_8);
    for (var line = reader.readLine(); line != null; line = reader.readLine()) {
      said.append(line).append('\n');
    }
    return said.toString();
  }

  /** How this JDK runs a program of these tests. */
  static List<String> java(Class<?> main) {
    var path =
        Stream.of(
                System.getProperty("java.class.path"),
                System.getProperty("jdk.module.path", ""),
                location(PeerScene.class),
                location(PrivateKey.class))
            .filter(part -> !part.isEmpty())
            .toList();
    return new ArrayList<>(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED", // on the class path nobody has a name
            "-cp",
            String.join(File.pathSeparator, path),
            main.getName()));
  }

  private static String location(Class<?> type) {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath()).toString();
  }
}

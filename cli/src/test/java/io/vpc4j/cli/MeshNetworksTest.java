package io.vpc4j.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.MeshKeys;
import io.vpc4j.mesh.MeshNode;
import io.vpc4j.mesh.WgQuickFile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several WireGuard networks in one directory, as the commands make them. */
class MeshNetworksTest {

  private static final String LAB = "0f21b5f0-8d4c-4a3e-9b65-0d6b6b0e7f11";
  private static final IpAddress OURS = IpAddress.require("10.7.0.5");
  private static final IpAddress THEIRS = IpAddress.require("10.7.0.1");
  private static final Cidr ROUTE = Cidr.require("10.0.5.0/24");

  @TempDir private Path folder;
  private Cli cli;
  private final List<MeshNode> others = new ArrayList<>();

  @BeforeEach
  void begin() {
    cli = new Cli(folder);
  }

  @AfterEach
  void end() throws IOException {
    others.forEach(MeshNode::close);
    cli.close();
  }

  /** A node behind which a prefix of this machine is {@link #ROUTE}, and the file for our side. */
  private Path network(String name, String here, String more) throws IOException {
    var ours = MeshKeys.generatePrivateKey();
    var theirs = MeshKeys.generatePrivateKey();
    var near =
        new NodeRecord.Peer(
            MeshKeys.publicKey(ours), Optional.empty(), Optional.empty(), Optional.empty());
    var node =
        MeshNode.builder()
            .privateKey(theirs)
            .address(THEIRS)
            .route(ROUTE, Cidr.require(here))
            .peer(
                new NodeRecord(
                    "near", "near", NodeRecord.Kind.NODE, List.of(OURS), Optional.of(near)))
            .start();
    others.add(node);
    return cli.write(
        name + ".conf",
        """
        [Interface]
        PrivateKey = %s
        Address = %s/32
        %s
        [Peer]
        PublicKey = %s
        AllowedIPs = %s/32, %s
        Endpoint = 127.0.0.1:%d
        """
            .formatted(
                ours, OURS, more, MeshKeys.publicKey(theirs), THEIRS, ROUTE, node.listenPort()));
  }

  private int answering(String address, String body) throws IOException {
    var listener = new ServerSocket(0, 16, InetAddress.getByName(address));
    return cli.serving(
        listener,
        socket -> {
          Cli.head(socket.getInputStream());
          var answer = "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
          socket.getOutputStream().write(answer.getBytes(ISO_8859_1));
        });
  }

  private Cli.Result fetch(String binding, int port) {
    return cli.with(
        "directory.jsonc",
        "fetch",
        "-c",
        folder + "/wrangler.jsonc",
        "-b",
        binding,
        "http://10.0.5.1:" + port + "/");
  }

  @Test
  void twoFilesOfTwoNetworksWithTheSamePrefixesAreBothReached() throws Exception {
    var first = network("wg0", "127.0.0.0/24", "");
    var second = network("wg1", "127.0.1.0/24", "MTU = 1380\nDNS = 10.0.5.2");
    cli.write(
        "wrangler.jsonc",
        """
        {"vpc_networks": [
          {"binding": "OFFICE", "network_id": "cf1:network", "remote": true},
          {"binding": "LAB", "network_id": "cf1:network", "remote": true}]}
        """);
    cli.write(
        "directory.jsonc",
        """
        {
          // what was here
          "virtual_networks": [{"virtual_network_id": "%1$s", "name": "lab"}], // a comment
          "bindings": {"LAB": {"virtual_network_id": "%1$s"}}
        }
        """
            .formatted(LAB));

    assertThat(cli.with("directory.jsonc", "mesh", "import", first.toString()).out())
        .isEqualTo("addresses  10.7.0.5\npeers      wg0\n");
    var before = Files.readString(folder.resolve("directory.jsonc"));
    var refused = cli.with("directory.jsonc", "mesh", "import", second.toString());
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err())
        .contains("10.7.0.1 of virtual network default is there already")
        .contains("the prefix 10.0.5.0/24 is announced in another network as well")
        .contains("with --vnet NAME");
    assertThat(folder.resolve("directory.jsonc")).hasContent(before);
    assertThat(folder.resolve(".vpc4j/mesh/networks/wg1/private.key")).doesNotExist();

    var imported =
        cli.with("directory.jsonc", "mesh", "import", second.toString(), "--vnet", "lab");

    assertThat(imported.exitCode()).as(imported.err()).isZero();
    assertThat(imported.out()).isEqualTo("network    wg1\naddresses  10.7.0.5\npeers      wg1\n");
    var key = folder.resolve(".vpc4j/mesh/networks/wg1/private.key");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
        .isEqualTo("rw-------");
    assertThat(folder.resolve("directory.jsonc"))
        .content()
        .contains("// what was here", "// a comment", "\"mtu\": 1380")
        .contains("\"resolver_ips\": [\"10.0.5.2\"]")
        .doesNotContain(Files.readString(key));
    var inOffice = answering("127.0.0.1", "office");
    var inLab = answering("127.0.1.1", "lab");
    assertThat(fetch("OFFICE", inOffice)).isEqualTo(new Cli.Result(0, "office", ""));
    assertThat(fetch("LAB", inLab)).isEqualTo(new Cli.Result(0, "lab", ""));
    assertThat(fetch("LAB", inOffice).exitCode()).as("another network").isEqualTo(7);
    assertThat(cli.with("directory.jsonc", "mesh", "ping", "wg1", "-c", "1").exitCode()).isZero();
    assertThat(
            cli.with("directory.jsonc", "mesh", "ping", "--network", "wg1", "10.7.0.1", "-c", "1")
                .exitCode())
        .isZero();
    assertThat(
            cli.with("directory.jsonc", "mesh", "ping", "--network", "wg1", "wg0", "-c", "1").err())
        .contains("wg0 is in the mesh, not in wg1");
  }

  @Test
  void aFileThatWasImportedBeforeIsTheSameNetwork() throws Exception {
    cli.with("directory.toml", "mesh", "init");
    var file = network("wg1", "127.0.0.0/24", "");

    assertThat(cli.with("directory.toml", "mesh", "import", file.toString()).out())
        .startsWith("network    wg1\n");
    assertThat(cli.with("directory.toml", "mesh", "import", file.toString()).out())
        .isEqualTo("network    wg1\naddresses  10.7.0.5\nchanged    nothing\npeers      none\n");
    var other = network("other", "127.0.0.0/24", "").toString();
    var taken = cli.with("directory.toml", "mesh", "import", other, "--name", "wg1");
    assertThat(taken.exitCode()).isEqualTo(1);
    assertThat(taken.err()).contains("There is a network \"wg1\" already, with another key");
    var named =
        cli.with("directory.toml", "mesh", "import", other, "--name", "Lab", "--vnet", "new");
    assertThat(named.out()).startsWith("network    lab\n").endsWith("peers      lab\n");
    assertThat(named.err()).contains("virtual network new is new; a binding names it as ");
  }

  /** Whether it is the directory's own network or another one, in whichever dialect. */
  @ParameterizedTest
  @CsvSource({
    "directory.jsonc, false",
    "directory.jsonc, true",
    "directory.toml, false",
    "directory.toml, true"
  })
  void aFileThatHasChangedIsReadAgain(String directory, boolean another) throws Exception {
    if (another) {
      cli.with(directory, "mesh", "init");
    }
    var key = MeshKeys.generatePrivateKey();
    var psk = MeshKeys.generatePresharedKey();
    var newPsk = MeshKeys.generatePresharedKey();
    var peers =
        List.of(
            MeshKeys.publicKey(MeshKeys.generatePrivateKey()),
            MeshKeys.publicKey(MeshKeys.generatePrivateKey()),
            MeshKeys.publicKey(MeshKeys.generatePrivateKey()));
    var first =
        """
        [Interface]
        PrivateKey = %s
        Address = 10.7.0.5/32
        DNS = 10.7.0.1, corp.example
        [Peer]
        PublicKey = %s
        PresharedKey = %s
        AllowedIPs = 10.7.0.1/32, 10.20.0.0/16
        Endpoint = 10.9.9.9:51820
        [Peer]
        PublicKey = %s
        AllowedIPs = 10.7.0.2/32
        """
            .formatted(key, peers.get(0), psk, peers.get(1));
    cli.write("wg0.conf", first);
    assertThat(cli.with(directory, "mesh", "import", folder + "/wg0.conf").exitCode()).isZero();
    var file = folder.resolve(directory);
    var comment = directory.endsWith("toml") ? " # ours" : " // ours";
    var before =
        Files.readString(file)
            .replaceAll("(.*\"?endpoint\"?.*)", "$1" + Matcher.quoteReplacement(comment));
    Files.writeString(file, before);

    var same = cli.with(directory, "mesh", "import", folder + "/wg0.conf");
    assertThat(same.out()).as(same.err()).contains("changed    nothing\npeers      none\n");
    assertThat(file).hasContent(before);

    cli.write(
        "wg0.conf",
        first
            .replace("10.7.0.5/32", "10.7.0.5/32, fd07::5/64\nListenPort = 51999\nMTU = 1380")
            .replace("10.7.0.1, corp", "10.7.0.3, corp")
            .replace(psk, newPsk)
            .replace("10.20.0.0/16", "10.30.0.0/16, 10.31.0.0/16")
            .replace("10.9.9.9:51820", "10.9.9.9:51821\nPersistentKeepalive = 25")
            .replace(peers.get(1), peers.get(2))
            .replace("10.7.0.2", "10.7.0.4"));
    var changed = cli.with(directory, "mesh", "import", folder + "/wg0.conf");
    assertThat(changed.exitCode()).as(changed.err()).isZero();
    assertThat(changed.out())
        .contains("addresses  10.7.0.5, fd07::5\n")
        .contains("changed    addresses, listen_port, mtu, resolver_ips, wg0-1 (")
        .contains("(routes, endpoint, persistent_keepalive, preshared_key)\npeers      wg0-3\n");
    assertThat(changed.err())
        .contains("it does not have wg0-2, who stays; `vpc4j mesh remove wg0-2` takes it away");
    var after = Files.readString(file);
    assertThat(after)
        .contains(comment, "10.30.0.0/16", "10.31.0.0/16", "fd07::5", "51999", "1380")
        .contains("10.9.9.9:51821", "25s", "wg0-1-2.psk", "10.7.0.3")
        .doesNotContain("10.20.0.0/16", "10.9.9.9:51820", "wg0-1.psk");
    assertThat(folder.resolve(".vpc4j/mesh/peers/wg0-1.psk")).doesNotExist();
    assertThat(folder.resolve(".vpc4j/mesh/peers/wg0-1-2.psk")).hasContent(newPsk);
    assertThat(cli.with(directory, "mesh", "import", folder + "/wg0.conf").out())
        .contains("changed    nothing\npeers      none\n");
    assertThat(file).hasContent(after);

    cli.write("wg0.conf", first);
    assertThat(cli.with(directory, "mesh", "import", folder + "/wg0.conf").out())
        .contains("changed    addresses, resolver_ips, wg0-1 (routes, endpoint, preshared_key)\n");
    assertThat(Files.readString(file)).contains("10.20.0.0/16").doesNotContain("fd07::5", "10.31");
  }

  @Test
  void aPortThatAnotherNetworkHasIsSaidAndChangedOnDemand() throws Exception {
    cli.with("directory.jsonc", "mesh", "init");
    var file = network("wg1", "127.0.0.0/24", "ListenPort = 51820").toString();

    var refused = cli.with("directory.jsonc", "mesh", "import", file);
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("the UDP port 51820 is there already");
    assertThat(cli.with("directory.jsonc", "mesh", "import", file, "--listen-port", "0").exitCode())
        .isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"directory.jsonc", "directory.toml"})
  void aNetworkOfOnesOwnHasParticipantsAndGoesWithThem(String directory) throws Exception {
    cli.with(directory, "mesh", "init");
    cli.with(directory, "mesh", "add", "db-1", "--route", "10.0.5.0/24");
    var before = Files.readString(folder.resolve(directory));

    var made = cli.with(directory, "mesh", "init", "--network", "lab");
    assertThat(made.exitCode()).as(made.err()).isZero();
    assertThat(made.out())
        .contains("addresses    100.96.0.3\n", "UDP port     51821\n")
        .contains("vpc4j mesh add NAME --network lab");
    assertThat(cli.with(directory, "mesh", "init", "--network", "lab").exitCode()).isEqualTo(1);
    var added =
        cli.with(
            directory, "mesh", "add", "rack", "--network", "lab", "--our-endpoint", "10.9.9.9:1");
    assertThat(added.exitCode()).as(added.err()).isZero();
    var file = WgQuickFile.read(added.out());
    assertThat(file.self().addresses()).hasToString("[100.96.0.4/32]");
    assertThat(file.peers().get(0).publicKey())
        .isEqualTo(
            MeshKeys.publicKey(
                Files.readString(folder.resolve(".vpc4j/mesh/networks/lab/private.key"))));
    assertThat(cli.with(directory, "mesh", "add", "x", "--network", "lob").err())
        .contains("No network of the mesh is called \"lob\". There are: lab");
    assertThat(cli.with(directory, "mesh", "list").out())
        .contains("this side  100.96.0.1\nin lab  100.96.0.3\n")
        .containsPattern("rack +rack +node +100\\.96\\.0\\.4 +calls us +100 +lab\n");
    assertThat(cli.with(directory, "mesh", "list", "--json").out())
        .contains("\"network\":\"lab\"", "\"network\":\"\"");

    assertThat(cli.with(directory, "mesh", "remove").exitCode()).isEqualTo(2);
    var removed = cli.with(directory, "mesh", "remove", "--network", "lab");
    assertThat(removed.exitCode()).as(removed.err()).isZero();
    assertThat(removed.out())
        .contains("removed \"rack\"\n", "removed network \"lab\"\n", "networks/lab/private.key");
    assertThat(Files.readString(folder.resolve(directory)).replaceAll("\\s*\"?networks\"?.*", ""))
        .as("what was there before")
        .contains("db-1")
        .doesNotContain("lab", "rack")
        .hasSizeLessThanOrEqualTo(before.length());
    assertThat(cli.with(directory, "mesh", "list").out()).doesNotContain("NETWORK");
  }
}

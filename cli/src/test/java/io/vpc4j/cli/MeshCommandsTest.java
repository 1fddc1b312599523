package io.vpc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.mesh.MeshKeys;
import io.vpc4j.mesh.WgQuickFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MeshCommandsTest {

  private static final String KEY = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=";
  private static final String OTHER = "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08=";

  @TempDir private Path folder;
  private Cli cli;

  @BeforeEach
  void begin() {
    cli = new Cli(folder);
  }

  @AfterEach
  void end() throws IOException {
    cli.close();
  }

  // ---- init and add

  @ParameterizedTest
  @ValueSource(strings = {"directory.jsonc", "directory.toml"})
  void initMakesAKeyThatOnlyItsOwnerReads(String directory) throws Exception {
    var made = cli.with(directory, "mesh", "init");

    assertThat(made.exitCode()).as(made.err()).isZero();
    var file = folder.resolve(".vpc4j/mesh/private.key");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(made.out())
        .contains("public key   " + publicKey(file), "addresses    100.96.0.1\n", "51820");
    assertThat(folder.resolve(directory))
        .content()
        .contains("file:.vpc4j/mesh/private.key", "100.96.0.1");

    var again = cli.with(directory, "mesh", "init");
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.err()).contains("has a key already");
  }

  @Test
  void addPrintsTheFileForTheFarSide() throws Exception {
    cli.with("directory.jsonc", "mesh", "init", "--address", "100.96.0.1", "--address", "fd00::1");

    var added =
        cli.with(
            "directory.jsonc",
            "mesh",
            "add",
            "db-1",
            "--route",
            "10.0.5.0/24",
            "--our-endpoint",
            "10.9.9.9:51820");

    assertThat(added.exitCode()).as(added.err()).isZero();
    assertThat(added.err())
        .contains("wg-quick up vpc4j\n")
        .contains("vpc4j mesh join vpc4j.conf --route 10.0.5.0/24\n");
    var file = WgQuickFile.read(added.out());
    assertThat(file.self().addresses()).hasToString("[100.96.0.2/32, fd00::2/128]");
    assertThat(file.peers())
        .singleElement()
        .satisfies(
            peer -> {
              assertThat(peer.publicKey())
                  .isEqualTo(publicKey(folder.resolve(".vpc4j/mesh/private.key")));
              assertThat(peer.endpoint()).hasValue("10.9.9.9:51820");
              assertThat(peer.persistentKeepalive()).hasValue(Duration.ofSeconds(25));
              assertThat(peer.allowedIps())
                  .containsExactly(Cidr.require("100.96.0.0/12"), Cidr.require("fd00::/64"));
            });
    assertThat(added.out())
        .contains("PostUp = sysctl -q -w net.ipv4.ip_forward=1\n")
        .contains("ip saddr 100.96.0.0/12 ip daddr 10.0.5.0/24 masquerade")
        .contains("PostDown = nft delete table ip vpc4j_%i\n");
    var key = file.self().privateKey();
    assertThat(folder.resolve("directory.jsonc"))
        .content()
        .contains(MeshState.publicKey(key), "\"routes\": [\"10.0.5.0/24\"]")
        .doesNotContain(Base64.getEncoder().encodeToString(key.reveal()));

    var again =
        cli.with("directory.jsonc", "mesh", "config", "db-1", "--our-endpoint", "10.9.9.9:51820");
    assertThat(again.out()).isEqualTo(added.out());
    assertThat(cli.with("directory.jsonc", "mesh", "config", "db-1", "--no-nat").out())
        .contains("ip_forward")
        .doesNotContain("masquerade");
    assertThat(cli.with("directory.jsonc", "mesh", "add", "db-1").exitCode()).isEqualTo(1);
  }

  @Test
  void aNodeThatWeCallListensAndNeedsNoEndpointOfOurs() throws Exception {
    cli.with("directory.jsonc", "mesh", "init");

    var added =
        cli.with(
            "directory.jsonc",
            "mesh",
            "add",
            "gate",
            "--endpoint",
            "gate.example.com:5555",
            "--keepalive",
            "25s",
            "--preshared-key");

    var file = WgQuickFile.read(added.out());
    assertThat(file.self().listenPort()).hasValue(5555);
    assertThat(file.peers().get(0).endpoint()).isEmpty();
    assertThat(file.peers().get(0).presharedKey()).isPresent();
    assertThat(folder.resolve("directory.jsonc"))
        .content()
        .contains("\"persistent_keepalive\": \"25s\"", "file:.vpc4j/mesh/peers/gate.psk");
  }

  @Test
  void aDeviceReachesWhatNodesAnnounceAndHasACodeToScan() throws Exception {
    cli.with("directory.jsonc", "mesh", "init");
    cli.with("directory.jsonc", "mesh", "add", "db-1", "--route", "10.0.5.0/24");
    cli.terminals = Set.of(Terminal.STDOUT);

    var added = cli.with("directory.jsonc", "mesh", "add", "phone", "--device", "--qr");

    assertThat(added.exitCode()).as(added.err()).isZero();
    assertThat(added.out()).startsWith("\u001b[40;97m\u2588").contains("\u2580");
    assertThat(added.err()).contains("Import it there");
    var file = WgQuickFile.read(cli.with("directory.jsonc", "mesh", "config", "phone").out());
    assertThat(file.self().addresses()).hasToString("[100.96.0.3/32]");
    assertThat(file.peers().get(0).allowedIps())
        .containsExactly(Cidr.require("100.96.0.0/12"), Cidr.require("10.0.5.0/24"));
    assertThat(file.self().others()).isEmpty();
  }

  /** Half a block is a module: read back, they are the code's own. */
  @Test
  void theCodeIsDrawnModuleByModule() throws Exception {
    var drawn = new StringWriter();
    FarSideOptions.print("[Interface]", new PrintWriter(drawn), false);
    var code =
        io.nayuki.qrcodegen.QrCode.encodeText("[Interface]", io.nayuki.qrcodegen.QrCode.Ecc.LOW);

    var lines = drawn.toString().lines().toList();
    assertThat(lines).hasSize((code.size + 8 + 1) / 2);
    for (int y = -4; y < code.size + 4; y++) {
      for (int x = -4; x < code.size + 4; x++) {
        char half = lines.get((y + 4) / 2).charAt(x + 4);
        boolean light =
            (y + 4) % 2 == 0
                ? "\u2588\u2580".indexOf(half) >= 0
                : "\u2588\u2584".indexOf(half) >= 0;
        assertThat(light).as("module %d, %d", x, y).isEqualTo(!code.getModule(x, y));
      }
    }
  }

  @Test
  void aPeerWithAKeyOfItsOwnIsPrintedWithoutIt() throws Exception {
    cli.with("directory.jsonc", "mesh", "init");

    var added = cli.with("directory.jsonc", "mesh", "add", "own", "--public-key", KEY);

    assertThat(added.exitCode()).as(added.err()).isZero();
    assertThat(added.out()).contains("# PrivateKey = the one it has made\n");
    assertThat(added.out()).doesNotContain("\nPrivateKey");
    assertThat(cli.with("directory.jsonc", "mesh", "config", "own", "--qr").exitCode())
        .isEqualTo(1);
  }

  @Test
  void whatMakesNoSenseLeavesNothingBehind() throws Exception {
    var early = cli.with("directory.jsonc", "mesh", "add", "a");
    assertThat(early.exitCode()).isEqualTo(1);
    assertThat(early.err()).contains("vpc4j mesh init");
    assertThat(cli.with("directory.jsonc", "mesh", "init", "--address", "x").exitCode())
        .isEqualTo(2);
    cli.with("directory.jsonc", "mesh", "init");
    var before = Files.readString(folder.resolve("directory.jsonc"));

    for (var wrong :
        new String[][] {
          {"a.b"}, {"a", "--route", "10.0.0.1/8"}, {"a", "--device", "--route", "10.0.0.0/8"},
          {"a", "--public-key", "x"}, {"a", "--address", "100.96.0.1"}, {"a", "--keepalive", "1"},
          {"a", "--endpoint", "nowhere"}
        }) {
      var all = new String[wrong.length + 2];
      all[0] = "mesh";
      all[1] = "add";
      System.arraycopy(wrong, 0, all, 2, wrong.length);
      var refused = cli.with("directory.jsonc", all);
      assertThat(refused.exitCode()).as(String.join(" ", wrong) + refused.err()).isEqualTo(2);
    }

    assertThat(folder.resolve("directory.jsonc")).hasContent(before);
    var peers = folder.resolve(".vpc4j/mesh/peers");
    if (Files.exists(peers)) {
      assertThat(peers).isEmptyDirectory();
    }
  }

  // ---- list and remove

  @Test
  void listSaysWhoTakesPartAndRemoveTakesThemAway() throws Exception {
    assertThat(cli.with("directory.jsonc", "mesh", "list").out()).contains("takes no part");
    cli.with("directory.jsonc", "mesh", "init");
    cli.with("directory.jsonc", "mesh", "add", "db-1", "--route", "10.0.5.0/24");
    cli.with("directory.jsonc", "mesh", "add", "phone", "--device");

    assertThat(cli.with("directory.jsonc", "mesh", "list").out())
        .contains("this side  100.96.0.1\n")
        .containsPattern("db-1 +db-1 +node +100\\.96\\.0\\.2 +10\\.0\\.5\\.0/24 +calls us +100\n")
        .containsPattern("phone +phone +device +100\\.96\\.0\\.3 +calls us +100\n");
    assertThat(cli.with("directory.jsonc", "mesh", "list", "--json").out())
        .startsWith("[{\"name\":\"db-1\"")
        .hasLineCount(1);

    var removed = cli.with("directory.jsonc", "mesh", "remove", "db-1");
    assertThat(removed.exitCode()).as(removed.err()).isZero();
    assertThat(removed.out()).contains("deleted " + folder.resolve(".vpc4j/mesh/peers/db-1.key"));
    assertThat(cli.with("directory.jsonc", "mesh", "remove", "db-1").exitCode()).isEqualTo(1);
    // Its address is free again.
    assertThat(cli.with("directory.jsonc", "mesh", "add", "db-2").out()).contains("100.96.0.2/32");
  }

  @Test
  void aNodeThatRoutesLeadToStaysUnlessForced() throws Exception {
    cli.write(
        "directory.jsonc",
        """
        {
          "mesh": { "nodes": [{ "node_id": "n", "name": "db-1" }, { "node_id": "s", "name": "s" }] },
          "hostname_routes": [{ "hostname": "db.internal", "node_id": "n" }],
          "routes": [{ "network": "10.0.0.0/8", "node_id": "n" }],
          "services": [{ "service_id": "f70ff985-a4ef-4643-bbbc-4a0ed4fc8415", "name": "x",
            "type": "tcp", "tcp_port": 1, "host": { "ipv4": "10.0.0.1", "network": { "node_id": "s" } } }]
        }
        """);

    assertThat(cli.with("directory.jsonc", "mesh", "remove", "db-1").err())
        .contains("10.0.0.0/8, db.internal");
    assertThat(cli.with("directory.jsonc", "mesh", "remove", "--force", "db-1").exitCode())
        .isZero();
    assertThat(cli.with("directory.jsonc", "mesh", "remove", "--force", "s").err())
        .contains("Services are reached through s: x");
  }

  // ---- import

  @Test
  void anExistingNetworkIsJoinedAsOneMorePeer() throws Exception {
    var key = Base64.getEncoder().encodeToString(new byte[32]);
    var conf =
        cli.write(
            "wg0.conf",
            """
            [Interface]
            PrivateKey = %s
            Address = 10.7.0.5/24, fd07::5/64
            DNS = 10.7.0.1, corp.example
            MTU = 1380
            PostUp = iptables -A
            [Peer] # the hub
            PublicKey = %s
            PresharedKey = %s
            AllowedIPs = 10.7.0.1/32, 10.7.0.0/24
            AllowedIPs = 192.168.0.0/16
            Endpoint = [2001:db8::1]:51820
            PersistentKeepalive = 25
            [Peer]
            PublicKey = %s
            AllowedIPs = 10.7.0.9
            """
                .formatted(key, KEY, OTHER, OTHER));

    var imported = cli.with("directory.jsonc", "mesh", "import", conf.toString());

    assertThat(imported.exitCode()).as(imported.err()).isZero();
    assertThat(imported.out()).isEqualTo("addresses  10.7.0.5, fd07::5\npeers      wg0-1, wg0-2\n");
    assertThat(imported.err()).contains("PostUp in").doesNotContain("DNS");
    assertThat(cli.with("directory.jsonc", "mesh", "list").out())
        .containsPattern(
            "wg0-1 +wg0-1 +node +10\\.7\\.0\\.1 +10\\.7\\.0\\.0/24, 192\\.168\\.0\\.0/16")
        .containsPattern("wg0-2 +wg0-2 +node +10\\.7\\.0\\.9 +calls us");
    assertThat(folder.resolve("directory.jsonc"))
        .content()
        .contains("\"listen_port\": 0", "\"persistent_keepalive\": \"25s\"", "wg0-1.psk")
        .contains("\"mtu\": 1380", "\"resolver_ips\": [\"10.7.0.1\"]")
        .contains("\"corp.example\"", "\"*.corp.example\"")
        .doesNotContain(key);

    var again = cli.with("directory.jsonc", "mesh", "import", conf.toString());
    assertThat(again.out()).endsWith("changed    nothing\npeers      none\n");
  }

  @Test
  void whatIsNoWgQuickFileIsRefused() throws Exception {
    cli.write("bad.conf", "[Interface]\nPrivateKey = secret\n");
    var bad = cli.with("directory.jsonc", "mesh", "import", folder + "/bad.conf");
    assertThat(bad.exitCode()).isEqualTo(2);
    assertThat(bad.err()).contains("line 2: ").doesNotContain("secret");

    cli.write("none.conf", "");
    assertThat(cli.with("directory.jsonc", "mesh", "import", folder + "/none.conf").exitCode())
        .isEqualTo(2);
    assertThat(cli.with("directory.jsonc", "mesh", "import", folder + "/missing").exitCode())
        .isEqualTo(26);
  }

  private static String publicKey(Path file) throws IOException {
    return MeshKeys.publicKey(Files.readString(file));
  }
}

package io.vpc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.tunnel.TunnelCredentials;
import io.vpc4j.tunnel.TunnelToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TunnelCommandsTest {

  private static final Pattern ID = Pattern.compile("(?m)^id +(\\S+)$");

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

  // ---- create

  @ParameterizedTest
  @ValueSource(strings = {"directory.jsonc", "directory.toml"})
  void createMakesEverythingThatAConnectorNeeds(String directory) throws Exception {
    var created = cli.with(directory, "tunnel", "create", "office");

    assertThat(created.exitCode()).as(created.err()).isZero();
    var id = id(created);
    var files = folder.resolve(".vpc4j/tunnels");
    assertThat(Files.readString(folder.resolve(directory)))
        .contains(id, "office", "file:.vpc4j/tunnels/" + id + ".secret", "account_tag", "7844");
    var credentials = TunnelCredentials.read(files.resolve(id + ".json"));
    assertThat(credentials.tunnelId()).isEqualTo(UUID.fromString(id));
    assertThat(credentials.tunnelSecret().reveal()).hasSize(32);
    assertThat(credentials.accountTag()).matches("[0-9a-f]{32}");
    assertThat(Base64.getDecoder().decode(Files.readString(files.resolve(id + ".secret"))))
        .isEqualTo(credentials.tunnelSecret().reveal());
    assertThat(TunnelToken.parse(Files.readString(files.resolve(id + ".token"))).credentials())
        .isEqualTo(credentials);
    for (var name : List.of(".json", ".secret", ".token")) {
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(files.resolve(id + name))))
          .isEqualTo("rw-------");
    }
    var authority = folder.resolve(".vpc4j/edge-ca.pem");
    assertThat(authority).content().startsWith("-----BEGIN CERTIFICATE-----");
    var token = "TUNNEL_TOKEN=\"$(cat " + files.resolve(id + ".token") + ")\"";
    var flags = "--edge 127.0.0.1:7844 --edge 127.0.0.1:7844 --cacert " + authority;
    assertThat(created.out())
        .contains(
            "  TUNNEL_NO_PRECHECKS=true "
                + token
                + " cloudflared tunnel "
                + flags
                + " --no-autoupdate run\n",
            "  " + token + " vpc4j connector run " + flags + "\n")
        .doesNotContain(Files.readString(files.resolve(id + ".secret")));
  }

  @Test
  void aSecondTunnelSharesTheEdgeAndTheAccountAndLeavesTheFileAsItIs() throws Exception {
    cli.with("directory.jsonc", "tunnel", "create", "office");
    var file = folder.resolve("directory.jsonc");
    var before = "// Ours.\n" + Files.readString(file);
    Files.writeString(file, before);

    var second = cli.with("directory.jsonc", "tunnel", "create", "home");

    assertThat(second.exitCode()).as(second.err()).isZero();
    var added = "\n    {\n      \"tunnel_id\": \"" + id(second) + "\"";
    assertThat(Files.readString(file)).startsWith("// Ours.\n").contains(added);
    assertThat(Files.readString(file).lines().filter(line -> line.contains("7844"))).hasSize(1);
    var accounts =
        list(folder.resolve(".vpc4j/tunnels"), ".json").stream()
            .map(credentials -> read(credentials).accountTag())
            .distinct();
    assertThat(accounts).hasSize(1);
    assertThat(second.out()).contains("edge         127.0.0.1:7844\n");
    assertThat(cli.with("directory.jsonc", "tunnel", "create", "home").err())
        .contains("is there already");
    assertThat(cli.with("directory.jsonc", "tunnel", "create", "x", "--listen", "::").exitCode())
        .isEqualTo(2);
  }

  @Test
  void theSecretMayComeFromAVariable() throws Exception {
    var created =
        cli.with("directory.jsonc", "tunnel", "create", "office", "--secret-env", "OFFICE");

    assertThat(created.exitCode()).as(created.err()).isZero();
    assertThat(folder.resolve("directory.jsonc")).content().contains("\"env:OFFICE\"");
    assertThat(folder.resolve(".vpc4j/tunnels/" + id(created) + ".secret")).doesNotExist();
    assertThat(created.out()).contains("export OFFICE=\"$(vpc4j tunnel token --secret office)\"");
    var secret = cli.with("directory.jsonc", "tunnel", "token", "--secret", "office").out();
    assertThat(Base64.getDecoder().decode(secret.strip())).hasSize(32);
    assertThat(cli.with("directory.jsonc", "tunnel", "create", "x", "--secret-env", "1").exitCode())
        .isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "0.0.0.0:7900", "[::1]:7900", "127.0.0.1"})
  void whereANewEdgeListensCanBeSaid(String listen) throws Exception {
    var created = cli.with("directory.jsonc", "tunnel", "create", "a", "--listen", listen);

    assertThat(created.exitCode()).as(created.err()).isZero();
    var port = listen.endsWith(":7900") ? "7900" : "7844";
    assertThat(created.out())
        .contains("--edge " + (listen.startsWith("[") ? "[::1]" : "127.0.0.1") + ":" + port)
        .contains(listen.startsWith("0") ? "On another machine" : "this machine alone");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nowhere", "127.0.0.1:x", "127.0.0.1:70000"})
  void whatIsNoAddressLeavesNothingBehind(String listen) throws Exception {
    var refused = cli.with("directory.jsonc", "tunnel", "create", "a", "--listen", listen);

    assertThat(refused.exitCode()).isEqualTo(2);
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void aBindingIsWrittenWhereThereIsNoWranglerFile() throws Exception {
    var created = cli.with("directory.jsonc", "tunnel", "create", "a", "--binding", "MY_VPC");

    assertThat(created.exitCode()).as(created.err()).isZero();
    var wrangler = folder.resolve("wrangler.jsonc");
    assertThat(wrangler).content().contains("MY_VPC", id(created), "\"remote\": true");
    assertThat(created.out()).contains("vpc4j fetch http://ADDRESS/");
    assertThat(cli.plain("check", wrangler.toString()).exitCode()).isZero();
    assertThat(cli.with("directory.jsonc", "tunnel", "create", "b", "--binding", "a-b").exitCode())
        .isEqualTo(2);
  }

  @Test
  void whatCannotBeWrittenIsTakenBack() throws Exception {
    var state = Files.createDirectories(folder.resolve(".vpc4j"));
    Files.writeString(state.resolve("tunnels"), "a file, and no folder");

    var failed = cli.with("directory.jsonc", "tunnel", "create", "a");

    assertThat(failed.exitCode()).isEqualTo(23);
    assertThat(failed.err()).startsWith("vpc4j: Cannot keep the secret");
    assertThat(folder.resolve("directory.jsonc")).doesNotExist();
  }

  @Test
  void aDirectoryWithAnErrorIsNotTouched() throws Exception {
    cli.write("directory.jsonc", "{\"tunnels\": 1}");

    var refused = cli.with("directory.jsonc", "tunnel", "create", "a");

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("directory.jsonc:1:13: error: tunnels: must be an array");
    assertThat(folder.resolve(".vpc4j")).doesNotExist();
  }

  // ---- list, info, token

  @Test
  void listAndInfoSayWhatThereIsAndNoSecret() throws Exception {
    assertThat(cli.with("directory.jsonc", "tunnel", "list").out()).contains("no tunnel in");
    var id = id(cli.with("directory.jsonc", "tunnel", "create", "office"));
    cli.with("directory.jsonc", "route", "add", "10.0.0.0/8", "office");

    var list = cli.with("directory.jsonc", "tunnel", "list");
    assertThat(list.out().lines().toList().get(1))
        .matches("office +" + id + " +file:\\S+\\.secret +10\\.0\\.0\\.0/8");
    assertThat(cli.with("directory.jsonc", "tunnel", "list", "--json").out())
        .startsWith("[{\"tunnel_id\":\"" + id + "\",\"name\":\"office\"")
        .endsWith("\"routes\":[\"10.0.0.0/8\"]}]\n");

    var info = cli.with("directory.jsonc", "tunnel", "info", id);
    assertThat(info.out())
        .contains("routes        10.0.0.0/8\n", "services      none\n")
        .contains("Run one of these next to the services:", " cloudflared tunnel --edge ");
    assertThat(cli.with("directory.jsonc", "tunnel", "info", "--json", "office").out())
        .startsWith("{\"tunnel_id\":\"" + id)
        .hasLineCount(1);

    var unknown = cli.with("directory.jsonc", "tunnel", "info", "other");
    assertThat(unknown.exitCode()).isEqualTo(1);
    assertThat(unknown.err()).contains("No tunnel is called \"other\". There are: office");
  }

  @Test
  void theTokenIsWhatAConnectorTakes() throws Exception {
    var id = id(cli.with("directory.jsonc", "tunnel", "create", "office"));
    var kept = folder.resolve(".vpc4j/tunnels/" + id + ".json");

    var token = cli.with("directory.jsonc", "tunnel", "token", "office").out().strip();
    assertThat(TunnelToken.parse(token).credentials()).isEqualTo(TunnelCredentials.read(kept));

    Files.delete(kept); // then it is put together from what the directory says
    assertThat(cli.with("directory.jsonc", "tunnel", "token", "office").out().strip())
        .isEqualTo(token);

    cli.write(
        "none.jsonc", "{\"tunnels\": [{\"tunnel_id\": \"" + id + "\", \"name\": \"silent\"}]}");
    var none = cli.with("none.jsonc", "tunnel", "token", "silent");
    assertThat(none.exitCode()).isEqualTo(1);
    assertThat(none.err()).contains("has no secret");
    assertThat(cli.with("none.jsonc", "tunnel", "list").out()).contains("none");

    Files.writeString(kept, "{}");
    assertThat(cli.with("directory.jsonc", "tunnel", "token", "office").exitCode()).isEqualTo(26);
  }

  // ---- delete

  @Test
  void deleteTakesTheSecretAlongAndRefusesWhatIsInUse() throws Exception {
    cli.with("directory.jsonc", "tunnel", "create", "office");
    cli.with("directory.jsonc", "tunnel", "create", "home");
    cli.with("directory.jsonc", "route", "add", "10.0.0.0/8", "office");
    cli.with("directory.jsonc", "route", "add", "*.internal.local", "office");

    var refused = cli.with("directory.jsonc", "tunnel", "delete", "office");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains("10.0.0.0/8, *.internal.local", "--force");

    var deleted = cli.with("directory.jsonc", "tunnel", "delete", "--force", "office");
    assertThat(deleted.exitCode()).as(deleted.err()).isZero();
    assertThat(deleted.out()).contains("deleted \"office\" and 2 routes");
    assertThat(list(folder.resolve(".vpc4j/tunnels"), "")).hasSize(3); // the other's
    assertThat(cli.with("directory.jsonc", "route", "list").out()).contains("no route in");

    assertThat(cli.with("directory.jsonc", "tunnel", "delete", "home").exitCode()).isZero();
    assertThat(cli.with("directory.jsonc", "tunnel", "delete", "home").exitCode()).isEqualTo(1);
  }

  @Test
  void aTunnelThatAServiceIsReachedThroughStays() throws Exception {
    var id = "f70ff985-a4ef-4643-bbbc-4a0ed4fc8415";
    cli.write(
        "directory.jsonc",
        "{\"tunnels\": [{\"tunnel_id\": \""
            + id
            + "\", \"name\": \"a\"}], \"services\": [{\"service_id\": \""
            + id
            + "\", \"name\": \"db\", \"type\": \"tcp\", \"tcp_port\": 1, \"host\": {\"ipv4\":"
            + " \"10.0.0.1\", \"network\": {\"tunnel_id\": \""
            + id
            + "\"}}}]}");

    var refused = cli.with("directory.jsonc", "tunnel", "delete", "--force", "a");

    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains("Services are reached through it: db");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tunnel", "route"})
  void theGroupAloneSaysWhatThereIs(String group) {
    assertThat(cli.plain(group).out()).contains("Usage: vpc4j " + group, "list");
    assertThat(cli.plain(group, "frobnicate").exitCode()).isEqualTo(2);
  }

  @Test
  void aFileThatCannotBeReadIsExit26() throws Exception {
    var directory = Files.createDirectories(folder.resolve("directory.jsonc"));

    assertThat(cli.with("directory.jsonc", "tunnel", "list").exitCode()).isEqualTo(26);
    assertThat(directory).isDirectory();
  }

  private static TunnelCredentials read(Path file) {
    try {
      return TunnelCredentials.read(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<Path> list(Path folder, String ending) throws IOException {
    try (var files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }
  }

  private static String id(Cli.Result created) {
    assertThat(created.out()).as(created.err()).containsPattern(ID);
    var id = ID.matcher(created.out());
    return id.find() ? id.group(1) : "";
  }
}

package io.vpc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteCommandsTest {

  private static final String ID = "f70ff985-a4ef-4643-bbbc-4a0ed4fc8415";
  private static final String STAGING = "0f21b5f0-8d4c-4a3e-9b65-0d6b6b0e7f11";

  @TempDir private Path folder;
  private Cli cli;

  @BeforeEach
  void begin() throws IOException {
    cli = new Cli(folder);
    cli.write(
        "directory.jsonc",
        """
        {
          "tunnels": [{ "tunnel_id": "%s", "name": "office" }],
          "virtual_networks": [{ "virtual_network_id": "%s", "name": "staging" }],
          "mesh": { "nodes": [{ "node_id": "n", "name": "db-1", "routes": ["10.9.0.0/16"] }] }
        }
        """
            .formatted(ID, STAGING));
  }

  @AfterEach
  void end() throws IOException {
    cli.close();
  }

  @Test
  void whatIsAddedIsListedAndCanBeDeleted() throws Exception {
    assertThat(route("add", "10.0.0.0/8", "office", "--comment", "all of it").out())
        .isEqualTo("10.0.0.0/8 -> office\n");
    assertThat(route("add", "10.0.0.0/8", ID, "--vnet", "staging").exitCode()).isZero();
    assertThat(route("add", "*.Internal.Local.", "office").exitCode()).isZero();
    assertThat(route("add", "fd00::1", "office").exitCode()).isZero();

    assertThat(route("list").out())
        .containsPattern("\\*\\.internal\\.local +any +tunnel:" + ID + " +office\n")
        .containsPattern("10\\.0\\.0\\.0/8 +default +tunnel:" + ID + " +office +all of it\n")
        .containsPattern("10\\.0\\.0\\.0/8 +staging +tunnel:")
        .containsPattern("fd00::1/128 +default")
        .containsPattern("10\\.9\\.0\\.0/16 +default +node:n +db-1\n");
    assertThat(route("list", "--json").out())
        .startsWith("[{\"route\":\"*.internal.local\"")
        .hasLineCount(1);

    assertThat(route("delete", "10.0.0.0/8").exitCode()).isZero();
    assertThat(route("list").out()).contains("staging").doesNotContain("all of it");
    assertThat(route("delete", "10.0.0.0/8", "--vnet", STAGING).exitCode()).isZero();
    assertThat(route("delete", "*.internal.local").exitCode()).isZero();
    assertThat(route("delete", "fd00::1/128").exitCode()).isZero();
    assertThat(Files.readString(folder.resolve("directory.jsonc")))
        .contains("\"routes\": []", "\"hostname_routes\": []");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          10.0.0.5/8   |         | 2 | the prefix is 10.0.0.0/8
          10.0.0.0/33  |         | 2 | prefix length must be 0 to 32
          10.0.0.300   |         | 2 | 10.0.0.300
          a.b          | staging | 2 | belongs to no virtual network
          a..b         |         | 2 | hostname
          10.0.0.0/8   | none    | 1 | There are: default, staging
          10.9.0.0/16  |         | 2 | announced by a node
          """)
  void whatMakesNoSenseIsRefused(String target, String network, int code, String said)
      throws Exception {
    var before = Files.readString(folder.resolve("directory.jsonc"));

    var refused =
        network == null
            ? route("add", target, "office")
            : route("add", target, "office", "--vnet", network);

    assertThat(refused.exitCode()).as(refused.err()).isEqualTo(code);
    assertThat(refused.err()).contains(said);
    assertThat(folder.resolve("directory.jsonc")).hasContent(before);
  }

  @Test
  void aRouteTwiceAndATunnelOrARouteThatIsNotThereAreExit1() throws Exception {
    route("add", "10.0.0.0/8", "office");

    var twice = route("add", "10.0.0.0/8", "office");
    assertThat(twice.exitCode()).isEqualTo(1);
    assertThat(twice.err()).containsPattern("directory\\.jsonc:\\d+: a route for 10\\.0\\.0\\.0/8");
    assertThat(route("add", "10.1.0.0/16", "home").exitCode()).isEqualTo(1);
    var missing = route("delete", "10.1.0.0/16");
    assertThat(missing.exitCode()).isEqualTo(1);
    assertThat(missing.err()).contains("There is no route for 10.1.0.0/16");
  }

  private Cli.Result route(String... arguments) {
    var all = new String[arguments.length + 1];
    all[0] = "route";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return cli.with("directory.jsonc", all);
  }
}

package io.vpc4j.core.config.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.NetworkTarget;
import io.vpc4j.Url;
import io.vpc4j.VpcException;
import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.MeshNetwork;
import io.vpc4j.core.directory.MeshNetwork.Recordings;
import io.vpc4j.core.directory.Policy;
import io.vpc4j.core.directory.Policy.Action;
import io.vpc4j.core.directory.Policy.Rule;
import io.vpc4j.core.directory.Policy.Subject;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.routing.BindingRoutes;
import io.vpc4j.core.routing.BindingSpec;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several WireGuard networks in one directory. */
class MeshNetworksTest {

  private static final String LAB = "0f21b5f0-8d4c-4a3e-9b65-0d6b6b0e7f11";

  /** Two networks that overlap in whole, one of them in a virtual network of its own. */
  private static final String TWO =
      """
      {
        "virtual_networks": [{"virtual_network_id": "@LAB", "name": "lab"}],
        "mesh": {
          "private_key": "file:own.key", "addresses": ["10.7.0.5"],
          "resolver_ips": ["10.7.0.1"], "hub": false,
          "networks": [
            {"name": "Lab", "private_key": "file:lab.key", "addresses": ["10.7.0.5", "fd07::5"],
             "listen_port": 51821, "mtu": 1380, "resolver_ips": ["10.0.0.2", "[fd07::1]:5353"],
             "virtual_network_id": "@LAB", "pcap": "lab.pcap", "key_log": "/var/tmp/lab.keys",
             "hub": {"default": "deny", "rules": [{"allow": ["10.7.0.0/24", "*"]}]}},
            {"name": "plain", "private_key": "file:lab.key", "addresses": ["192.168.9.5"]}],
          "nodes": [
            {"node_id": "o", "name": "o", "addresses": ["10.7.0.1"], "routes": ["10.0.0.0/8"],
             "public_key": "@K"},
            {"node_id": "l", "name": "l", "network": "lab", "addresses": ["10.7.0.1"],
             "routes": ["10.0.0.0/8", {"network": "172.16.0.0/12", "virtual_network_id": "default"}],
             "public_key": "@K"}],
          "devices": [{"node_id": "p", "name": "p", "network": "plain", "addresses": ["192.168.9.9"]}]
        },
        "hostname_routes": [
          {"hostname": "db.lab", "node_id": "l"},
          {"hostname": "db2.lab", "node_id": "l", "resolver_ips": ["10.1.1.1"]}],
        "bindings": {"LAB": {"virtual_network_id": "@LAB"}}
      }
      """;

  @TempDir private Path folder;

  private DirectoryFile file(String text) {
    return DirectoryFile.jsonc(folder)
        .beside("own.key", DirectoryFile.KEY)
        .beside("lab.key", DirectoryFile.KEY)
        .write(text.replace("@LAB", LAB).replace("@K", DirectoryFile.KEY));
  }

  @Test
  void eachHasAllThatAWireGuardInterfaceHas() {
    var snapshot = file(TWO).snapshot();

    var own = snapshot.mesh().own();
    assertThat(own.listenPort()).isEqualTo(51_820);
    assertThat(own.mtuOctets()).isEqualTo(1_420);
    assertThat(own.hub()).isEmpty();
    assertThat(own.resolverIps()).containsExactly(new InetSocketAddress("10.7.0.1", 53));
    assertThat(own.memory()).hasValue(folder.resolve(".vpc4j/mesh/endpoints"));
    assertThat(snapshot.mesh().networks()).extracting(MeshNetwork::name).contains("", "lab");
    var lab = snapshot.mesh().network("lab").orElseThrow();
    assertThat(lab.isJoined()).isTrue();
    assertThat(lab.listenPort()).isEqualTo(51_821);
    assertThat(lab.addresses())
        .containsExactly(IpAddress.require("10.7.0.5"), IpAddress.require("fd07::5"));
    assertThat(lab.mtuOctets()).isEqualTo(1_380);
    assertThat(lab.virtualNetworkId()).isEqualTo(LAB);
    assertThat(lab.hub())
        .hasValue(
            new Policy(
                List.of(
                    new Rule(
                        Action.ALLOW, new Subject.Network(Cidr.require("10.7.0.0/24")), List.of()),
                    new Rule(Action.ALLOW, new Subject.Any(), List.of())),
                Action.DENY));
    assertThat(lab.recordings())
        .isEqualTo(
            new Recordings(
                Optional.of(folder.resolve("lab.pcap")),
                Optional.of(Path.of("/var/tmp/lab.keys"))));
    assertThat(lab.memory()).hasValue(folder.resolve(".vpc4j/mesh/networks/lab/endpoints"));
    var plain = snapshot.mesh().network("plain").orElseThrow();
    assertThat(plain.listenPort()).isZero();
    assertThat(plain.hub()).as("nobody asked for one").isEmpty();
    assertThat(snapshot.nodes().get("l").network()).isEqualTo("lab");
    assertThat(snapshot.nodes().get("o").network()).isEmpty();
  }

  @Test
  void aFileThatKnowsOneNetworkSaysWhatItSaid() {
    var own =
        file("{\"mesh\": {\"private_key\": \"file:own.key\", \"addresses\": [\"100.96.0.1\"]}}")
            .snapshot()
            .mesh();

    assertThat(own.others()).isEmpty();
    assertThat(own.own().hub()).hasValue(Policy.BUILT_IN);
    assertThat(own.own().recordings()).isEqualTo(Recordings.NONE);
  }

  @Test
  void theKeysOfHandshakesAreNotWrittenDownUnsaid() {
    assertThat(file(TWO).complaints())
        .singleElement()
        .asString()
        .startsWith("warning 9: mesh.networks[0].key_log: the keys of every handshake");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MESH | 10.1.2.3   | node:o | the longest prefix in virtual network default",
        "MESH | 10.7.0.1   | node:o | the longest prefix in virtual network default",
        "MESH | 192.168.9.9   | node:p | the longest prefix in virtual network default, over network plain",
        "MESH | 172.16.0.1 | node:l | the longest prefix in virtual network default, over network lab",
        "LAB  | 10.1.2.3   | node:l | the longest prefix in virtual network @LAB, over network lab",
        "LAB  | 10.7.0.1   | node:l | the longest prefix in virtual network @LAB, over network lab",
        "MESH | l.mesh     | node:l | it is a node's own name, over network lab",
        "MESH | db.lab     | node:l | an exact hostname route matches, over network lab",
      })
  void theLongestPrefixOfAllNetworksWinsAndSaysWhichItIs(
      String binding, String host, String hop, String reason) {
    var explained = routes(binding).explain(Url.parse("http://" + host + "/"));

    assertThat(explained.hop()).hasValue(hop);
    assertThat(explained.reason()).isEqualTo(reason.replace("@LAB", LAB));
  }

  @Test
  void anAddressOfAnotherVirtualNetworkIsNotKnown() {
    assertThatThrownBy(() -> routes("LAB").connect("192.168.9.9", 80))
        .hasMessageContaining("No route of virtual network " + LAB + " covers 192.168.9.9")
        .isNotNull();
  }

  @Test
  void namesAreAskedOfTheResolversOfTheNetwork() throws VpcException {
    assertThat(routes("MESH").connect("db.lab", 80).resolverIps())
        .containsExactly(
            new InetSocketAddress("10.0.0.2", 53), new InetSocketAddress("fd07::1", 5_353));
    assertThat(routes("MESH").connect("db2.lab", 80).resolverIps())
        .containsExactly(new InetSocketAddress("10.1.1.1", 53));
  }

  private BindingRoutes routes(String binding) {
    DirectorySnapshot snapshot = file(TWO).snapshot();
    return new BindingRoutes(
        new BindingSpec.Network(binding, new NetworkTarget.Network("cf1:network"), false),
        new BindingRoutes.Compiled(Directory.fixed(snapshot)),
        hop -> Optional.of("mesh"));
  }

  // ---- what is wrong

  private static final String NET =
      "{'name': 'a', 'private_key': 'env:A', 'addresses': ['10.0.0.1']}";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'networks': [{}]} | 2: mesh.networks[0]: must have a \"name\"",
        "{'networks': [@NET, @NET]} | 2: mesh.networks[1].name: \"a\" is there already (line 2)",
        "{'networks': [{'name': 'a.b'}]} | mesh.networks[0].name: Invalid hostname 'a.b'",
        "{'networks': [{'name': 'a', 'addresses': []}]}"
            + " | mesh.networks[0].addresses: must have an address at least",
        "{'networks': [{'name': 'a', 'mtu': 1279}]}"
            + " | mesh.networks[0].mtu: must be 1280 to 65000, not 1279",
        "{'networks': [{'name': 'a', 'virtual_network_id': 'x'}]}"
            + " | mesh.networks[0].virtual_network_id: no virtual_network_id \"x\"",
        "{'private_key': 'env:A', 'networks': [{'name': 'a', 'listen_port': 51820}]}"
            + " | mesh.networks[0].listen_port: the UDP port 51820 is there already (line 2)",
        "{'networks': [{'name': 'a', 'listen_port': 7}, {'name': 'b', 'listen_port': 7}]}"
            + " | mesh.networks[1].listen_port: the UDP port 7 is there already (line 2)",
        "{'pcap': 'x', 'networks': [{'name': 'a', 'key_log': './x'}]}"
            + " | mesh.networks[0].key_log: the file ",
        "{'pcap': ''} | mesh.pcap: must be a path",
        "{'hub': 'yes'} | mesh.hub: must be true, false, or a policy",
        "{'hub': {'rules': [{'deny': '*', 'ports': 22}]}}"
            + " | mesh.hub: a hub looks at the addresses of packets",
        "{'hub': {'rules': [{'deny': 'a.b'}]}} | mesh.hub: a hub looks at the addresses of packets",
        "{'nodes': [{'node_id': 'n', 'name': 'n', 'network': 'b'}]}"
            + " | mesh.nodes[0].network: no name \"b\" in \"mesh.networks\"",
        "{'networks': [@NET], 'nodes': [{'node_id': 'n', 'name': 'n', 'network': 'a',"
            + " 'addresses': ['10.0.0.1']}]}"
            + " | mesh.nodes[0].addresses[0]: \"10.0.0.1\" is there already (line 2)",
        "{'networks': [@NET], 'nodes': [{'node_id': 'n', 'name': 'n', 'addresses': ['10.0.0.2']},"
            + " {'node_id': 'm', 'name': 'm', 'network': 'a', 'addresses': ['10.0.0.2']}]}"
            + " | mesh.nodes[1].addresses[0]: 10.0.0.2 of virtual network default is there already",
        "{'networks': [@NET], 'nodes': [{'node_id': 'n', 'name': 'n', 'routes': ['10.0.0.0/8']},"
            + " {'node_id': 'm', 'name': 'm', 'network': 'a', 'routes': ['10.0.0.0/8']}]}"
            + " | mesh.nodes[1].routes[0]: the prefix 10.0.0.0/8 is announced in another network as"
            + " well (line 2); give one of the networks a \"virtual_network_id\" of its own",
      })
  void whatCannotBeIsSaidWhereItStands(String mesh, String complaint) {
    var text = "{\n\"mesh\": " + mesh.replace("@NET", NET).replace('\'', '"') + "}";

    assertThat(file(text).complaints()).anyMatch(said -> said.contains(complaint));
    assertThat(file(text).read().snapshot()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'networks': [{'name': 'a', 'private_key': 'env:A'}]}",
        "{'networks': [{'name': 'a', 'private_key': 'env:A', 'addresses': []}]}",
        "{'networks': [{'private_key': 'env:A', 'addresses': ['10.0.0.1']}]}",
        "{'mtu': 100}",
        "{'hub': 1}",
        "{'hub': {'default': 'maybe'}}",
        "{'pcap': ''}",
        "{'nodes': [{'node_id': 'n', 'name': 'n', 'network': 1}]}"
      })
  void whatTheSchemaRefusesTheReaderRefuses(String mesh) {
    var file = file("{\"mesh\": " + mesh.replace('\'', '"') + "}");

    assertThat(JsonSchema.shipped().complaints(file.path())).isNotEmpty();
    assertThat(file.read().snapshot()).isEmpty();
  }
}

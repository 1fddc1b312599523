package io.vpc4j.core.config.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.vpc4j.core.directory.CidrRoute;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.EdgeSettings;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.directory.HostnameRoute;
import io.vpc4j.core.directory.MeshSettings;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.directory.Policy;
import io.vpc4j.core.directory.Policy.Action;
import io.vpc4j.core.directory.Policy.PortRange;
import io.vpc4j.core.directory.Policy.Subject;
import io.vpc4j.core.directory.ServiceRecord;
import io.vpc4j.core.directory.SimulatedNetwork.Faults;
import io.vpc4j.core.directory.SimulatedNetwork.Port;
import io.vpc4j.core.directory.SimulatedNetwork.Target;
import io.vpc4j.core.directory.TlsSettings;
import io.vpc4j.core.directory.VirtualNetwork;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.spi.NextHop;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is right in a directory file becomes the values it speaks of. */
class DirectoryReaderTest {

  private static final NextHop TUNNEL = new NextHop.TunnelHop(DirectoryFile.TUNNEL);
  private static final String DECLARED =
      "\"tunnels\": [{\"tunnel_id\": \"%s\", \"name\": \"office\"}],"
          .formatted(DirectoryFile.TUNNEL);

  @TempDir private Path folder;

  @Test
  void anEmptyObjectIsADirectoryThatSaysNothing() {
    var snapshot = DirectoryFile.jsonc(folder).write("{}").snapshot();

    assertThat(snapshot.virtualNetworks())
        .containsExactly(entry("default", VirtualNetwork.DEFAULT));
    assertThat(snapshot.mesh()).isEqualTo(MeshSettings.NONE);
    assertThat(snapshot.edge()).isEmpty();
    assertThat(snapshot.limits()).isEmpty();
    assertThat(snapshot.loopback().hosts()).isEmpty();
  }

  @Test
  void aTunnelsSecretIsTheOctetsBehindItsBase64() {
    var file =
        DirectoryFile.jsonc(folder)
            .write(
                """
                {"tunnels": [{"tunnel_id": "%s", "name": "office", "tunnel_secret": "env:S"}]}
                """
                    .formatted(DirectoryFile.TUNNEL));

    var tunnel =
        file.read(Map.of("S", DirectoryFile.KEY + "\n"))
            .snapshot()
            .orElseThrow()
            .tunnels()
            .get(DirectoryFile.TUNNEL);

    assertThat(tunnel.tunnelSecret().orElseThrow().reveal())
        .isEqualTo(References.decode(DirectoryFile.KEY));
  }

  @Test
  void routesCarryTheirHopAndTheirVirtualNetwork() {
    var snapshot =
        read(
            """
            "virtual_networks": [
              {"virtual_network_id": "0f21b5f0-8d4c-4a3e-9b65-0d6b6b0e7f11", "name": "staging"}],
            "routes": [
              {"network": "10.0.0.0/16", "tunnel_id": "%1$s", "comment": "office"},
              {"network": "10.0.0.0/16", "tunnel_id": "%1$s",
               "virtual_network_id": "0f21b5f0-8d4c-4a3e-9b65-0d6b6b0e7f11"},
              {"network": "fd00:1::/32", "via": "acme:rack-7"},
              {"network": "10.9.9.9", "tunnel_id": "%1$s"}]
            """);

    assertThat(snapshot.routes())
        .containsExactly(
            new CidrRoute(Cidr.require("10.0.0.0/16"), "default", TUNNEL, "office"),
            new CidrRoute(
                Cidr.require("10.0.0.0/16"), "0f21b5f0-8d4c-4a3e-9b65-0d6b6b0e7f11", TUNNEL, ""),
            new CidrRoute(
                Cidr.require("fd00:1::/32"),
                "default",
                new NextHop.CustomHop("acme", "rack-7"),
                ""),
            new CidrRoute(Cidr.require("10.9.9.9/32"), "default", TUNNEL, ""));
  }

  @Test
  void hostnameRoutesAreInLowerCaseWithoutAFinalDot() {
    var snapshot =
        read(
            """
            "hostname_routes": [{"hostname": "*.Internal.LOCAL.", "tunnel_id": "%1$s",
              "resolver_ips": ["10.0.0.2", "10.0.0.3:5353", "[fd00::2]:54"]}]
            """);

    assertThat(snapshot.hostnameRoutes())
        .containsExactly(
            new HostnameRoute(
                "*.internal.local",
                TUNNEL,
                List.of(socket("10.0.0.2", 53), socket("10.0.0.3", 5353), socket("fd00::2", 54)),
                ""));
  }

  @Test
  void aHttpServiceHasBothPortsUnlessItNamesOne() {
    var snapshot =
        read(
            """
            "services": [
              {"service_id": "6c6f0f0e-6a4b-4f0b-8a3c-9d8f1f9b1a01", "name": "both", "type": "http",
               "host": {"ipv4": "10.0.0.1", "ipv6": "fd00::1", "network": {"tunnel_id": "%1$s"}}},
              {"service_id": "6c6f0f0e-6a4b-4f0b-8a3c-9d8f1f9b1a02", "name": "one", "type": "http",
               "host": {"hostname": "API.local", "resolver_network":
                 {"tunnel_id": "%1$s", "resolver_ips": ["10.0.0.2"]}}, "https_port": 8443}]
            """);

    var both = snapshot.services().get("6c6f0f0e-6a4b-4f0b-8a3c-9d8f1f9b1a01");
    assertThat(both.host())
        .isEqualTo(
            new ServiceRecord.Host.Addresses(
                List.of(IpAddress.require("10.0.0.1"), IpAddress.require("fd00::1"))));
    assertThat(both.ports().http()).hasValue(80);
    assertThat(both.ports().https()).hasValue(443);
    var one = snapshot.services().get("6c6f0f0e-6a4b-4f0b-8a3c-9d8f1f9b1a02");
    assertThat(one.host())
        .isEqualTo(new ServiceRecord.Host.Hostname("api.local", List.of(socket("10.0.0.2", 53))));
    assertThat(one.ports().http()).isEmpty();
    assertThat(one.ports().https()).hasValue(8443);
    assertThat(one.tlsSettings()).isEqualTo(TlsSettings.DEFAULT);
  }

  @Test
  void aTcpServiceMayHaveItsPortInItsName() {
    var snapshot =
        read(
            """
            "services": [{"service_id": "6c6f0f0e-6a4b-4f0b-8a3c-9d8f1f9b1a01", "name": "db",
              "type": "tcp", "app_protocol": "postgresql",
              "host": {"hostname": "db.local:5432", "resolver_network": {"tunnel_id": "%1$s"}}}]
            """);

    var ports = snapshot.services().get("6c6f0f0e-6a4b-4f0b-8a3c-9d8f1f9b1a01").ports();
    assertThat(ports.tcp()).isEqualTo(OptionalInt.of(5432));
    assertThat(ports.appProtocol()).hasValue("postgresql");
  }

  @Test
  void aServicesCertificatesComeFromFiles() {
    var bundle = DirectoryFile.certificate();
    var snapshot =
        DirectoryFile.jsonc(folder)
            .beside("ca.pem", bundle.getCertificatePathPEM())
            .beside("client.key", bundle.getPrivateKeyPEM())
            .write(
                "{"
                    + DECLARED
                    + """
                    "services": [{"service_id": "6c6f0f0e-6a4b-4f0b-8a3c-9d8f1f9b1a01", "name": "a",
                      "type": "http", "host": {"ipv4": "10.0.0.1", "network": {"tunnel_id": "%1$s"}},
                      "tls_settings": {"cert_verification_mode": "verify_ca",
                        "certificate_authority": "file:ca.pem", "client_certificate":
                          {"certificate": "file:ca.pem", "private_key": "file:client.key"}}}]}
                    """
                        .formatted(DirectoryFile.TUNNEL))
            .snapshot();

    var tls = snapshot.services().get("6c6f0f0e-6a4b-4f0b-8a3c-9d8f1f9b1a01").tlsSettings();
    assertThat(tls.mode()).isEqualTo(TlsSettings.Mode.VERIFY_CA);
    assertThat(tls.certificateAuthority()).hasValue(bundle.getCertificatePathPEM().strip());
    assertThat(tls.clientCertificate().orElseThrow().key().revealText())
        .isEqualTo(bundle.getPrivateKeyPEM().strip());
  }

  @Test
  void nodesThatShareAPrefixStandInForEachOther() {
    var snapshot =
        read(
            """
            "mesh": {"listen_port": 0, "addresses": ["100.96.0.1"], "nodes": [
              {"node_id": "b", "name": "Berlin-2", "routes": ["10.1.0.0/16"]},
              {"node_id": "a", "name": "berlin-1", "addresses": ["100.96.0.10"], "priority": 10,
               "routes": ["10.1.0.0/16", {"network": "fd00::/16", "comment": "v6"}],
               "public_key": "%2$s", "endpoint": "Gate.example.com:51820",
               "persistent_keepalive": "25s"}],
              "devices": [{"node_id": "phone", "name": "phone", "addresses": ["100.96.0.20"]}]}
            """);

    assertThat(snapshot.routes())
        .containsExactlyInAnyOrder(
            new CidrRoute(Cidr.require("10.1.0.0/16"), "default", new NextHop.NodeHop("a"), ""),
            new CidrRoute(Cidr.require("fd00::/16"), "default", new NextHop.NodeHop("a"), "v6"));
    assertThat(snapshot.mesh().listenPort()).isZero();
    assertThat(snapshot.mesh().addresses()).containsExactly(IpAddress.require("100.96.0.1"));
    assertThat(snapshot.nodes().get("b").name()).isEqualTo("berlin-2");
    assertThat(snapshot.nodes().get("b").priority()).isEqualTo(NodeRecord.DEFAULT_PRIORITY);
    assertThat(snapshot.nodes().get("phone").kind()).isEqualTo(NodeRecord.Kind.DEVICE);
    var peer = snapshot.nodes().get("a").peer().orElseThrow();
    assertThat(peer.endpoint()).hasValue("gate.example.com:51820");
    assertThat(peer.persistentKeepalive()).hasValue(Duration.ofSeconds(25));
  }

  @Test
  void anEdgeListensOnThisMachineUnlessToldOtherwise() {
    var snapshot = read("\"edge\": {}");

    var edge = snapshot.edge().orElseThrow();
    assertThat(edge.listeners())
        .containsExactly(
            new EdgeSettings.Listener(
                IpAddress.require("127.0.0.1"), 7844, Set.of(Protocol.QUIC, Protocol.HTTP2)));
    assertThat(edge.stateFolder()).isEqualTo(folder.toAbsolutePath().resolve(".vpc4j"));
    assertThat(edge.certificate()).isEmpty();
  }

  @Test
  void simulatedPortsLeadToLocalPortsAndSockets() {
    var snapshot =
        read(
            """
            "loopback": {"hosts": [{"addresses": ["10.0.1.50"], "ports": {
              "80": 8080, "81": "127.0.0.1:8081", "82": "localhost:8082", "83": {"unix": "app.sock"},
              "84": {"target": "[::1]:84", "faults": {"delay": "250ms", "reset_after_octets": 9}}},
              "scopes": ["network:cf1:network"], "faults": {"connect": "black_hole",
                "dns": "servfail", "dns_delay": "1s", "bad_certificate": true}}]}
            """);

    var host = snapshot.loopback().hosts().get("10.0.1.50");
    assertThat(host.ports())
        .containsOnly(
            entry(80, port("127.0.0.1", 8080)),
            entry(81, port("127.0.0.1", 8081)),
            entry(82, port("127.0.0.1", 8082)),
            entry(
                83,
                new Port(
                    new Target.Unix(folder.toAbsolutePath().resolve("app.sock")), Faults.NONE)),
            entry(
                84,
                new Port(
                    new Target.Tcp(socket("::1", 84)),
                    new Faults(
                        Faults.Connect.ACCEPT,
                        Faults.Dns.ANSWER,
                        Duration.ofMillis(250),
                        Duration.ZERO,
                        OptionalLong.of(9),
                        false))));
    assertThat(host.scopes()).containsExactly("network:cf1:network");
    assertThat(host.faults())
        .isEqualTo(
            new Faults(
                Faults.Connect.BLACK_HOLE,
                Faults.Dns.SERVFAIL,
                Duration.ZERO,
                Duration.ofSeconds(1),
                OptionalLong.empty(),
                true));
  }

  @Test
  void aBindingsLimitsChangeThoseOfTheFile() {
    var snapshot =
        read(
            """
            "limits": {"connect_timeout": "3s", "max_connections": 256},
            "bindings": {"A": {"limits": {"connect_timeout": "1500ms"}}, "B": {}}
            """);

    var own = snapshot.binding("A").limits().orElseThrow();
    assertThat(own.connectTimeout()).isEqualTo(Duration.ofMillis(1500));
    assertThat(own.maxConnections()).isEqualTo(256);
    assertThat(snapshot.binding("B").limits()).isEqualTo(snapshot.limits());
    assertThat(snapshot.binding("NOT_THERE").limits()).isEqualTo(snapshot.limits());
  }

  @Test
  void policyRulesStayInOrderAndAListIsAsManyRules() {
    var snapshot =
        read(
            """
            "bindings": {"A": {"policy": {"default": "deny", "rules": [
              {"deny": "10.0.9.0/24"},
              {"allow": ["10.0.0.0/16", "**.Internal.local", "*.x.local", "*"],
               "ports": [80, "443", "8000-8999"]},
              {"allow": "169.254.169.254", "ports": 80}]}}}
            """);

    var ports = List.of(new PortRange(80, 80), new PortRange(443, 443), new PortRange(8000, 8999));
    assertThat(snapshot.binding("A").policy())
        .isEqualTo(
            new Policy(
                List.of(
                    new Policy.Rule(
                        Action.DENY, new Subject.Network(Cidr.require("10.0.9.0/24")), List.of()),
                    new Policy.Rule(
                        Action.ALLOW, new Subject.Network(Cidr.require("10.0.0.0/16")), ports),
                    new Policy.Rule(Action.ALLOW, new Subject.Hostname("**.internal.local"), ports),
                    new Policy.Rule(Action.ALLOW, new Subject.Hostname("*.x.local"), ports),
                    new Policy.Rule(Action.ALLOW, new Subject.Any(), ports),
                    new Policy.Rule(
                        Action.ALLOW,
                        new Subject.Network(Cidr.require("169.254.169.254/32")),
                        List.of(new PortRange(80, 80)))),
                Action.DENY));
  }

  @Test
  void sectionsOfTransportsFromElsewhereAreHandedOverAsTheyAre() {
    var snapshot =
        read("\"transports\": {\"acme\": {\"racks\": [7, \"env:X\"], \"deep\": {\"on\": true}}}");

    assertThat(snapshot.transports())
        .containsExactly(
            entry(
                "acme", Map.of("racks", List.<Object>of(7, "env:X"), "deep", Map.of("on", true))));
  }

  private DirectorySnapshot read(String sections) {
    return DirectoryFile.jsonc(folder)
        .write("{" + DECLARED + sections.formatted(DirectoryFile.TUNNEL, DirectoryFile.KEY) + "}")
        .snapshot();
  }

  private static Port port(String address, int port) {
    return new Port(new Target.Tcp(socket(address, port)), Faults.NONE);
  }

  private static InetSocketAddress socket(String address, int port) {
    return new InetSocketAddress(IpAddress.require(address).toInetAddress(), port);
  }
}

package io.vpc4j.core.config.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is wrong in a directory file is said once, at its place, in words that help. */
class DirectoryComplaintsTest {

  private static final String SERVICE =
      "\"services\": [{\"service_id\": \"6c6f0f0e-6a4b-4f0b-8a3c-9d8f1f9b1a01\", \"name\": \"a\", ";
  private static final String HTTP =
      SERVICE + "\"type\": \"http\", \"host\": {\"ipv4\": \"10.0.0.1\", \"network\": @T}";
  private static final String TCP =
      SERVICE + "\"type\": \"tcp\", \"host\": {\"ipv4\": \"10.0.0.1\", \"network\": @T}";

  @TempDir private Path folder;

  /** Sections, with {@code @T} for a tunnel's reference, and what is said of them. */
  static Stream<Arguments> mistakes() {
    return Stream.of(
            fields(),
            references(),
            duplicates(),
            routes(),
            services(),
            ports(),
            tls(),
            mesh(),
            edge(),
            loopback(),
            bindings())
        .flatMap(List::stream);
  }

  private static List<Arguments> fields() {
    return List.of(
        of("'tunels': []", "unknown field \"tunels\"; did you mean \"tunnels\"?"),
        of("'zebra': []", "unknown field \"zebra\""),
        of(
            "'routes': [{'network': '10.0.0.0/8', 'tunnelId': 'x', 'via': 'acme:1'}]",
            "routes[0]: unknown field \"tunnelId\"; did you mean \"tunnel_id\"?"),
        of("'routes': {}", "routes: must be an array, not an object"),
        of("'routes': null", "routes: must be an array, not null"),
        of("'routes': ['10.0.0.0/8']", "routes[0]: must be an object, not a string"),
        of("'mesh': []", "mesh: must be an object, not an array"),
        of(
            "'mesh': {'listen_port': '51820'}",
            "mesh.listen_port: must be a whole number, not a string"),
        of(
            "'mesh': {'listen_port': 1.5}",
            "mesh.listen_port: must be a whole number, not a number"),
        of("'mesh': {'listen_port': -1}", "mesh.listen_port: must be 0 to 65535, not -1"),
        of("'$schema': 1", "$schema: must be a string, not a number"));
  }

  private static List<Arguments> references() {
    return List.of(
        of(
            "'routes': [{'network': '10.0.0.0/8', 'tunnel_id': 'f70ff985-a4ef-4643-bbbc-4a0ed4fc8416'}]",
            "routes[0].tunnel_id: no tunnel_id \"f70ff985-a4ef-4643-bbbc-4a0ed4fc8416\" in"
                + " \"tunnels\"; did you mean \"f70ff985-a4ef-4643-bbbc-4a0ed4fc8415\"?"),
        of(
            "'routes': [{'network': '10.0.0.0/8', 'node_id': 'n1'}]",
            "routes[0].node_id: no node_id \"n1\" in \"mesh.nodes\""),
        of(
            "'mesh': {'devices': [{'node_id': 'phone', 'name': 'phone'}]},"
                + " 'routes': [{'network': '10.0.0.0/8', 'node_id': 'phone'}]",
            "routes[0].node_id: \"phone\" is a device, which carries its own addresses alone"),
        of(
            "'routes': [{'network': '10.0.0.0/8', 'via': 'acme:1', 'virtual_network_id': 'stage'}]",
            "routes[0].virtual_network_id: no virtual_network_id \"stage\" in \"virtual_networks\""),
        of(
            "'bindings': {'A': {'virtual_network_id': 'stage'}}",
            "bindings.A.virtual_network_id: no virtual_network_id \"stage\" in \"virtual_networks\""));
  }

  private static List<Arguments> duplicates() {
    return List.of(
        of(
            "'routes': [{'network': '10.0.0.0/8', 'via': 'acme:1'},\n {'network': '10.0.0.0/8', 'via': 'acme:2'}]",
            3,
            "routes[1].network: the prefix 10.0.0.0/8 is there already (line 2);"
                + " a virtual network has each prefix once"),
        of(
            "'hostname_routes': [{'hostname': 'a.local', 'via': 'acme:1'},\n {'hostname': 'A.local.', 'via': 'acme:2'}]",
            3,
            "hostname_routes[1].hostname: \"a.local\" is there already (line 2)"),
        of(
            "'virtual_networks': [{'virtual_network_id': 'default', 'name': 'a'},"
                + " {'virtual_network_id': 'default', 'name': 'b'}]",
            "virtual_networks[1].virtual_network_id: \"default\" is there already (line 2)"),
        of(
            "'mesh': {'addresses': ['100.96.0.1'], 'nodes': [{'node_id': 'a', 'name': 'a',"
                + " 'addresses': ['100.96.0.1']}]}",
            "mesh.nodes[0].addresses[0]: \"100.96.0.1\" is there already (line 2)"),
        of(
            "'loopback': {'hosts': [{'name': 'a', 'addresses': ['::ffff:10.0.0.1']},"
                + " {'name': 'b', 'addresses': ['10.0.0.1']}]}",
            "loopback.hosts[1].addresses[0]: \"10.0.0.1\" is there already (line 2)"),
        of(
            "'edge': {'listeners': [{'protocols': ['quic']}, {}]}",
            "edge.listeners[1]: \"127.0.0.1:7844 for quic\" is there already (line 2)"));
  }

  private static List<Arguments> routes() {
    return List.of(
        of(
            "'routes': [{'network': '10.0.1.50/16', 'via': 'acme:1'}]",
            "routes[0].network: 10.0.1.50/16 has host bits set; the prefix is 10.0.0.0/16"),
        of(
            "'routes': [{'network': '10.0.0.0/33', 'via': 'acme:1'}]",
            "routes[0].network: prefix length must be 0 to 32, not 33"),
        of(
            "'routes': [{'network': '10.0.0/8', 'via': 'acme:1'}]",
            "routes[0].network: not an IP address: 10.0.0"),
        of("'routes': [{'via': 'acme:1'}]", "routes[0]: must have a \"network\""),
        of(
            "'routes': [{'network': '10.0.0.0/8'}]",
            "routes[0]: must have a \"tunnel_id\", a \"node_id\" or a \"via\""),
        of(
            "'routes': [{'network': '10.0.0.0/8', 'via': 'acme:1', 'tunnel_id': 'x'}]",
            "routes[0]: must have only one of \"tunnel_id\", \"via\""),
        of(
            "'routes': [{'network': '10.0.0.0/8', 'via': 'tunnel:1'}]",
            "routes[0].via: \"tunnel:\" is no transport from elsewhere; use \"tunnel_id\" or"
                + " \"node_id\""),
        of(
            "'routes': [{'network': '10.0.0.0/8', 'via': 'acme'}]",
            "routes[0].via: must be \"scheme:id\", the scheme of a transport from elsewhere"),
        of(
            "'hostname_routes': [{'hostname': 'a.*.local', 'via': 'acme:1'}]",
            "hostname_routes[0].hostname: Invalid hostname 'a.*.local': A wildcard stands for"
                + " exactly one label, the first: '*.internal.local'."),
        of(
            "'hostname_routes': [{'hostname': 'a.local', 'via': 'acme:1', 'resolver_ips': ['dns.local']}]",
            "hostname_routes[0].resolver_ips[0]: Invalid resolver IP address(es): 'dns.local'."
                + " Provide valid IPv4 or IPv6 addresses."));
  }

  private static List<Arguments> services() {
    return List.of(
        of(
            SERVICE + "'type': 'http', 'host': {}}]",
            "services[0].host: Must specify either IP addresses (\"ipv4\"/\"ipv6\") or hostname"
                + " (\"hostname\")"),
        of(
            SERVICE
                + "'type': 'http', 'host': {'ipv4': '10.0.0.1', 'hostname': 'a', 'network': @T}}]",
            "services[0].host: must have either \"ipv4\"/\"ipv6\" or \"hostname\", but not both"),
        of(
            SERVICE + "'type': 'http', 'host': {'ipv4': '10.0.0.01', 'network': @T}}]",
            "services[0].host.ipv4: Invalid IPv4 address: '10.0.0.01'. Provide a valid IPv4 address"
                + " (e.g., '192.168.1.1')."),
        of(
            SERVICE + "'type': 'http', 'host': {'ipv6': '[fd00::1]', 'network': @T}}]",
            "services[0].host.ipv6: Invalid IPv6 address: '[fd00::1]'. Provide a valid IPv6 address"
                + " (e.g., '2001:db8::1')."),
        of(
            SERVICE
                + "'type': 'http', 'host': {'ipv4': '10.0.0.1', 'resolver_network': @T, 'network': @T}}]",
            "services[0].host.resolver_network: is for a \"hostname\"; an address goes with"
                + " \"network\""),
        of(
            name("https://a.local"),
            nameSays("https://a.local")
                + "Hostname must not include a URL scheme (e.g., remove 'https://')."),
        of(
            name("a.local/x"),
            nameSays("a.local/x")
                + "Hostname must not include a path. Provide only the hostname (e.g., 'api.example.com')."),
        of(
            name("10.0.0.1"),
            nameSays("10.0.0.1")
                + "Hostname must not be an IP address. Use \"ipv4\" or \"ipv6\" instead."),
        of(
            name("a.local:80"),
            nameSays("a.local:80")
                + "Hostname must not include a port number. Provide only the hostname and use"
                + " \"http_port\" or \"https_port\" for ports."),
        of(name("a b.local"), nameSays("a b.local") + "Hostname must not contain whitespace."),
        of(name(" "), "services[0].host.hostname: Hostname cannot be empty."),
        of(
            name("x".repeat(60) + ".x".repeat(100)),
            nameSays("x".repeat(60) + ".x".repeat(70) + "…")
                + "Hostname is too long. Maximum length is 253 characters."),
        of(
            name("a..local"),
            nameSays("a..local") + "Hostname must not contain an empty label (two dots in a row)."),
        of(
            name("büro.local"),
            nameSays("büro.local")
                + "Hostname must consist of letters, digits and hyphens. Write its ASCII form: 'xn--bro-hoa.local'."));
  }

  private static List<Arguments> ports() {
    return List.of(
        of(TCP + "}]", "services[0]: TCP services require a \"tcp_port\" to be specified"),
        of(TCP + ", 'tcp_port': 0}]", "services[0].tcp_port: must be 1 to 65535, not 0"),
        of(
            TCP + ", 'tcp_port': 1, 'http_port': 80}]",
            "services[0].http_port: is for type \"http\"; a tcp service has \"tcp_port\""),
        of(
            HTTP + ", 'tcp_port': 1}]",
            "services[0].tcp_port: is for type \"tcp\"; an http service has \"http_port\""),
        of(
            HTTP + ", 'https_port': 99999}]",
            "services[0].https_port: must be 1 to 65535, not 99999"),
        of(
            SERVICE
                + "'type': 'tcp', 'tcp_port': 2, 'host': {'hostname': 'a:1', 'resolver_network': @T}}]",
            "services[0].tcp_port: Conflicting TCP port: \"hostname\" says 1, \"tcp_port\" says 2"),
        of(
            TCP + ", 'tcp_port': 1, 'app_protocol': 'oracle'}]",
            "services[0].app_protocol: must be one of \"postgresql\", \"mysql\""),
        of(
            SERVICE + "'type': 'htpp', 'host': {'ipv4': '10.0.0.1', 'network': @T}}]",
            "services[0].type: must be one of \"http\", \"tcp\"; did you mean \"http\"?"));
  }

  private static List<Arguments> tls() {
    return List.of(
        of(
            "'bindings': {'A': {'tls_settings': {'cert_verification_mode': 'verify'}}}",
            "bindings.A.tls_settings.cert_verification_mode: must be one of \"verify_full\","
                + " \"verify_ca\", \"disabled\"; did you mean \"verify_ca\"?"),
        of(
            "'bindings': {'A': {'tls_settings': {'certificate_authority': '0f21b5f0-8d4c-4a3e-9b65-0d6b6b0e7f11'}}}",
            "bindings.A.tls_settings.certificate_authority: a certificate id means something to the"
                + " hosted product alone; give the PEM itself or \"file:path\""),
        of(
            "'bindings': {'A': {'tls_settings': {'certificate_authority': 'hello'}}}",
            "bindings.A.tls_settings.certificate_authority: must be one or more certificates in PEM"
                + " (-----BEGIN CERTIFICATE-----)"));
  }

  private static List<Arguments> mesh() {
    return List.of(
        of(
            "'mesh': {'nodes': [{'node_id': 'a b', 'name': 'a'}]}",
            "mesh.nodes[0].node_id: must be 1 to 64 letters, digits, dots, hyphens or underscores"),
        of(
            "'mesh': {'nodes': [{'node_id': 'a', 'name': 'a.mesh'}]}",
            "mesh.nodes[0].name: Invalid hostname 'a.mesh': Name must be one label, without a dot."),
        of(
            "'mesh': {'devices': [{'node_id': 'a', 'name': 'a', 'routes': []}]}",
            "mesh.devices[0]: unknown field \"routes\""),
        of(
            "'mesh': {'nodes': [{'node_id': 'a', 'name': 'a', 'endpoint': 'b:1'}]}",
            "mesh.nodes[0].endpoint: has no meaning without a \"public_key\""),
        of(
            "'mesh': {'nodes': [{'node_id': 'a', 'name': 'a', 'public_key': 'AAAA'}]}",
            "mesh.nodes[0].public_key: must be 32 octets in base64"),
        of(
            "'mesh': {'nodes': [{'node_id': 'a', 'name': 'a', 'public_key': '@K', 'endpoint': 'fd00::1:51820'}]}",
            "mesh.nodes[0].endpoint: must be \"host:port\", an IPv6 address in brackets"),
        of(
            "'mesh': {'nodes': [{'node_id': 'a', 'name': 'a', 'public_key': '@K', 'persistent_keepalive': 25}]}",
            "mesh.nodes[0].persistent_keepalive: must be a whole number and a unit (ms, s, m, h or"
                + " d), such as \"30s\""),
        of(
            "'mesh': {'nodes': [{'node_id': 'a', 'name': 'a', 'public_key': '@K', 'persistent_keepalive': '1500ms'}]}",
            "mesh.nodes[0].persistent_keepalive: must be whole seconds, \"1s\" to \"65535s\""),
        of(
            "'mesh': {'nodes': [{'node_id': 'a', 'name': 'a', 'routes': ['10.0.0.0/8', '10.0.0.0/8']}]}",
            "mesh.nodes[0].routes[1]: the prefix 10.0.0.0/8 is there already (line 2)"),
        of(
            "'mesh': {'nodes': [{'node_id': 'a', 'name': 'a', 'routes': ['10.0.0.0/8']}]},"
                + "\n'routes': [{'network': '10.0.0.0/8', 'via': 'acme:1'}]",
            3,
            "routes[0].network: the prefix 10.0.0.0/8 is announced by a node as well (line 2); nodes"
                + " that share a prefix each have it in their own \"routes\""),
        of(
            "'mesh': {'nodes': [{'node_id': 'a', 'name': 'a', 'addresses': ['100.96.0.9']}]},"
                + " 'routes': [{'network': '100.96.0.9/32', 'via': 'acme:1'}]",
            1,
            "a route leads 100.96.0.9 to acme:1, but it is the address of \"a\""));
  }

  private static List<Arguments> edge() {
    return List.of(
        of(
            "'edge': {'listeners': [{'host': 'localhost'}]}",
            "edge.listeners[0].host: not an IP address: \"localhost\""),
        of(
            "'edge': {'listeners': [{'protocols': []}]}",
            "edge.listeners[0].protocols: must name a protocol at least"),
        of(
            "'edge': {'listeners': [{'protocols': ['h2']}]}",
            "edge.listeners[0].protocols[0]: must be one of \"quic\", \"http2\""),
        of("'edge': {'account_tag': 'x'}", "edge.account_tag: must be 32 hexadecimal digits"));
  }

  private static List<Arguments> loopback() {
    return List.of(
        of(
            "'loopback': {'hosts': [{}]}",
            "loopback.hosts[0]: must have a \"name\" or \"addresses\""),
        of(
            "'loopback': {'hosts': [{'name': 'a', 'ports': {'http': 80}}]}",
            "loopback.hosts[0].ports.http: \"http\" is not a port, 1 to 65535"),
        of(
            "'loopback': {'hosts': [{'name': 'a', 'ports': {'80': '10.0.0.1:80'}}]}",
            "loopback.hosts[0].ports.80: the simulated network leads to this machine alone, unless"
                + " \"loopback\" says \"allow_remote_targets\": true"),
        of(
            "'loopback': {'hosts': [{'name': 'a', 'ports': {'80': 'web:80'}}]}",
            "loopback.hosts[0].ports.80: must be a port, or \"address:port\" with an IP address"),
        of(
            "'loopback': {'hosts': [{'name': 'a', 'ports': {'80': {}}}]}",
            "loopback.hosts[0].ports.80: must have either a \"target\" or a \"unix\""),
        of(
            "'loopback': {'hosts': [{'name': 'a', 'ports': {'80': {'target': 80, 'faults': {'dns': 'nxdomain'}}}}]}",
            "loopback.hosts[0].ports.80.faults: unknown field \"dns\""),
        of(
            "'loopback': {'hosts': [{'name': 'a', 'alias': 'bb.local'}, {'name': 'b.local'}]}",
            "loopback.hosts[0].alias: no name \"bb.local\" in \"loopback.hosts\"; did you mean"
                + " \"b.local\"?"),
        of(
            "'loopback': {'hosts': [{'name': 'a', 'alias': 'a'}]}",
            "loopback.hosts[0].alias: the alias leads back to itself"),
        of(
            "'loopback': {'hosts': [{'name': 'b'}, {'name': 'a', 'alias': 'b', 'ports': {}}]}",
            "loopback.hosts[1].ports: is not for an alias, which has those of what it stands for"),
        of(
            "'loopback': {'hosts': [{'name': 'a', 'scopes': ['cf1:network']}]}",
            "loopback.hosts[0].scopes[0]: must be \"tunnel:ID\", \"network:ID\" or \"service:ID\""));
  }

  private static List<Arguments> bindings() {
    return List.of(
        of(
            "'limits': {'max_connections': 0}",
            "limits.max_connections: must be 1 to 1048576, not 0"),
        of(
            "'limits': {'connect_timeout': '0s'}",
            "limits.connect_timeout: must be over 0 and at most 24 h, not PT0S"),
        of(
            "'limits': {'connect_timeout': 'PT3S'}",
            "limits.connect_timeout: must be a whole number and a unit (ms, s, m, h or d), such as"
                + " \"30s\""),
        of(
            "'bindings': {'A': {'policy': {'rules': [{}]}}}",
            "bindings.A.policy.rules[0]: must have either \"allow\" or \"deny\""),
        of(
            "'bindings': {'A': {'policy': {'rules': [{'allow': '10.0.0.1/8'}]}}}",
            "bindings.A.policy.rules[0].allow: 10.0.0.1/8 has host bits set; the prefix is"
                + " 10.0.0.0/8"),
        of(
            "'bindings': {'A': {'policy': {'rules': [{'deny': ['*', 'a.*']}]}}}",
            "bindings.A.policy.rules[0].deny[1]: Invalid hostname 'a.*': A wildcard stands for"
                + " exactly one label, the first: '*.internal.local'."),
        of(
            "'bindings': {'A': {'policy': {'rules': [{'allow': '*', 'ports': '90-80'}]}}}",
            "bindings.A.policy.rules[0].ports: must be a port, 0 to 65535, or a range such as"
                + " \"8000-8999\""));
  }

  @ParameterizedTest(name = "{2}")
  @MethodSource("mistakes")
  void aMistakeIsSaidOnceAtItsPlace(String sections, int line, String complaint) {
    assertThat(complaintsOf(sections)).containsExactly(line + ": " + complaint);
  }

  @Test
  void everyMistakeIsSaidAtOnceInTheOrderOfTheFile() {
    var complaints =
        complaintsOf(
            """
            'limits': {'max_waiters': -1},
            'routes': [
              {'network': '10.0.1.50/16', 'tunnel_id': 'x'},
              {'netwrok': '10.0.0.0/8', 'via': 'acme:1'}]
            """);

    assertThat(complaints)
        .containsExactly(
            "2: limits.max_waiters: must be 0 to 2147483647, not -1",
            "4: routes[0].network: 10.0.1.50/16 has host bits set; the prefix is 10.0.0.0/16",
            "4: routes[0].tunnel_id: no tunnel_id \"x\" in \"tunnels\"",
            "5: routes[1]: must have a \"network\"",
            "5: routes[1]: unknown field \"netwrok\"; did you mean \"network\"?");
  }

  @Test
  void aBrokenTunnelIsNotReportedAgainWhereItIsReferredTo() {
    var file =
        DirectoryFile.jsonc(folder)
            .write(
                """
                {"tunnels": [{"tunnel_id": "%1$s"}],
                 "routes": [{"network": "10.0.0.0/8", "tunnel_id": "%1$s"}]}
                """
                    .formatted(DirectoryFile.TUNNEL));

    assertThat(file.complaints()).containsExactly("1: tunnels[0]: must have a \"name\"");
  }

  @Test
  void aKeyThatIsSetTwiceIsRefused() {
    assertThat(DirectoryFile.jsonc(folder).write("{\"mesh\": {},\n \"mesh\": {}}").complaints())
        .containsExactly("2: the key \"mesh\" is already set at line 1, column 2");
    assertThat(new DirectoryFile(folder, "directory.toml").write("[mesh]\n[mesh]").complaints())
        .singleElement()
        .asString()
        .startsWith("2: Invalid TOML document: ");
  }

  @Test
  void whatIsNoObjectIsNoDirectory() {
    assertThat(DirectoryFile.jsonc(folder).write("[]").complaints())
        .containsExactly("1: must be an object, not an array");
    assertThat(DirectoryFile.jsonc(folder).write("").complaints())
        .containsExactly("1: ValueExpected: the document holds no value");
  }

  @Test
  void aMistakeInTomlHasItsPlaceToo() {
    var text = "[mesh]\nlisten_port = 70000\n\n[[routes]]\nnetwork = \"10.0.1.50/16\"\n";

    assertThat(new DirectoryFile(folder, "directory.toml").write(text).complaints())
        .containsExactly(
            "2: mesh.listen_port: must be 0 to 65535, not 70000",
            "4: routes[0]: must have a \"tunnel_id\", a \"node_id\" or a \"via\"",
            "5: routes[0].network: 10.0.1.50/16 has host bits set; the prefix is 10.0.0.0/16");
  }

  @Test
  void oneMistakeRefusesTheWholeFile() {
    var result = DirectoryFile.jsonc(folder).write("{\"mesh\": {}, \"limits\": {\"x\": 1}}").read();

    assertThat(result.snapshot()).isEmpty();
  }

  @Test
  void aFileThatIsNotThereIsAProblemLikeOthers() {
    assertThat(DirectoryFile.jsonc(folder).complaints())
        .containsExactly("0: there is no such file");
  }

  @Test
  void aFolderIsNotAFile() {
    assertThat(DirectoryReader.read(folder, Environment.system()).problems())
        .singleElement()
        .satisfies(problem -> assertThat(problem.message()).isEqualTo("not a file"));
  }

  private List<String> complaintsOf(String sections) {
    return DirectoryFile.jsonc(folder)
        .write(
            "{\"tunnels\": [{\"tunnel_id\": \"%s\", \"name\": \"office\"}],\n%s}"
                .formatted(DirectoryFile.TUNNEL, sections)
                .replace('\'', '"')
                .replace("@T", "{\"tunnel_id\": \"" + DirectoryFile.TUNNEL + "\"}")
                .replace("@K", DirectoryFile.KEY))
        .complaints();
  }

  private static String name(String hostname) {
    return SERVICE
        + "'type': 'http', 'host': {'hostname': '"
        + hostname
        + "', 'resolver_network': @T}}]";
  }

  private static String nameSays(String hostname) {
    return "services[0].host.hostname: Invalid hostname '" + hostname + "': ";
  }

  private static Arguments of(String sections, String complaint) {
    return of(sections, 2, complaint);
  }

  private static Arguments of(String sections, int line, String complaint) {
    return Arguments.of(sections, line, complaint);
  }
}

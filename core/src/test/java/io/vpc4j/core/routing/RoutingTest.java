package io.vpc4j.core.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vpc4j.ErrorCode;
import io.vpc4j.NetworkTarget;
import io.vpc4j.Url;
import io.vpc4j.VpcException;
import io.vpc4j.core.directory.BindingSettings;
import io.vpc4j.core.directory.CidrRoute;
import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.HostnameRoute;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.directory.Policy;
import io.vpc4j.core.directory.Policy.Action;
import io.vpc4j.core.directory.Policy.PortRange;
import io.vpc4j.core.directory.Policy.Rule;
import io.vpc4j.core.directory.Policy.Subject;
import io.vpc4j.core.directory.ServiceRecord;
import io.vpc4j.core.directory.SimulatedNetwork;
import io.vpc4j.core.directory.TlsSettings;
import io.vpc4j.core.directory.TunnelRecord;
import io.vpc4j.core.directory.VirtualNetwork;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.spi.NextHop;
import io.vpc4j.core.spi.NextHop.CustomHop;
import io.vpc4j.core.spi.NextHop.LocalHop;
import io.vpc4j.core.spi.NextHop.NodeHop;
import io.vpc4j.core.spi.NextHop.TunnelHop;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RoutingTest {

  private static final String TUNNEL = "550e8400-e29b-41d4-a716-446655440000";
  private static final String SERVICE = "e6a0817c-79c5-40ca-9776-a1c019defe70";
  private static final String TCP_SERVICE = "0a8f2c1e-0000-4000-8000-000000000001";
  private static final NextHop TUNNEL_HOP = new TunnelHop(TUNNEL);
  private static final NextHop NODE_HOP = new NodeHop("node-1");

  private static final BindingSpec MESH =
      new BindingSpec.Network("MESH", new NetworkTarget.Network("cf1:network"), false);

  private Policy policy = Policy.BUILT_IN;

  // ---- a tunnel binding

  @Test
  void aTunnelBindingGoesToItsTunnelWhateverTheAddress() throws VpcException {
    var routes = routes(new BindingSpec.Network("T", new NetworkTarget.Tunnel(TUNNEL), false));

    assertThat(routes.fetch(Url.parse("http://10.0.1.50/data")).hop()).isEqualTo(TUNNEL_HOP);
    var named = routes.fetch(Url.parse("http://anything.example:8080/"));
    assertThat(named.hop()).isEqualTo(TUNNEL_HOP);
    assertThat(named.addresses()).isEmpty();
    assertThat(named.destination()).isEqualTo("anything.example:8080");
  }

  @Test
  void aTunnelThatTheDirectoryLacksIsNotFound() {
    var routes = routes(new BindingSpec.Network("T", new NetworkTarget.Tunnel("nope"), false));

    assertRefused(routes, "http://10.0.1.50/", ErrorCode.DESTINATION_NOT_FOUND, "no tunnel nope");
  }

  // ---- the mesh

  @Test
  void theLongestPrefixWins() throws VpcException {
    assertThat(routes(MESH).fetch(Url.parse("http://10.0.1.50/")).hop()).isEqualTo(TUNNEL_HOP);
    assertThat(routes(MESH).fetch(Url.parse("http://10.0.5.42:5432/")).hop()).isEqualTo(NODE_HOP);
    assertThat(routes(MESH).fetch(Url.parse("http://[fd12::1]/")).hop()).isEqualTo(NODE_HOP);
  }

  @Test
  void anExactHostnameRouteBeatsAWildcardAndAWildcardTakesOneLabelOnly() throws VpcException {
    assertThat(routes(MESH).fetch(Url.parse("http://db.corp.internal/")).hop()).isEqualTo(NODE_HOP);
    assertThat(routes(MESH).fetch(Url.parse("http://x.corp.internal/")).hop())
        .isEqualTo(TUNNEL_HOP);
    assertRefused(
        routes(MESH),
        "http://a.b.corp.internal/",
        ErrorCode.DESTINATION_NOT_FOUND,
        "hostname_routes");
  }

  @Test
  void aNodeIsReachedByItsNameAndByItsAddress() throws VpcException {
    var byName = routes(MESH).fetch(Url.parse("http://db-1.mesh:5432/"));
    assertThat(byName.hop()).isEqualTo(NODE_HOP);
    assertThat(byName.addresses()).containsExactly(IpAddress.require("100.96.0.7"));
    assertThat(routes(MESH).fetch(Url.parse("http://100.96.0.7/")).hop()).isEqualTo(NODE_HOP);
  }

  @Test
  void prefixesOfAnotherVirtualNetworkDoNotCount() {
    assertRefused(
        routes(MESH),
        "http://172.16.0.1/",
        ErrorCode.DESTINATION_NOT_FOUND,
        "virtual network default");
  }

  @Test
  void anotherNetworkIsAHopOfAnotherTransport() throws VpcException {
    var routes =
        routes(new BindingSpec.Network("A", new NetworkTarget.Network("acme:site-1"), false));

    assertThat(routes.fetch(Url.parse("http://x/")).hop())
        .isEqualTo(new CustomHop("acme", "site-1"));
  }

  @Test
  void aSimulatedBindingNeverLeavesTheProcess() throws VpcException {
    var network =
        routes(new BindingSpec.Network("S", new NetworkTarget.Tunnel(TUNNEL), true))
            .fetch(Url.parse("http://10.0.1.50/"));
    var service = routes(new BindingSpec.Service("S", SERVICE, true)).fetch(Url.parse("http://x/"));

    assertThat(network.hop()).isEqualTo(new LocalHop("tunnel:" + TUNNEL));
    assertThat(service.hop()).isEqualTo(new LocalHop("service:" + SERVICE));
    assertThat(service.destination()).isEqualTo("10.0.9.9:8081");
  }

  // ---- a service binding: each of these would be a hole

  @Nested
  class AService {

    private final Routes routes = routes(new BindingSpec.Service("API", SERVICE, false));

    @Test
    void isNotMovedByTheUrlsHost() throws VpcException {
      assertThat(routes.fetch(Url.parse("http://169.254.169.254/")).destination())
          .isEqualTo("10.0.9.9:8081");
      assertThat(routes.fetch(Url.parse("http://evil.example/")).destination())
          .isEqualTo("10.0.9.9:8081");
    }

    @Test
    void isNotMovedByTheUrlsPort() throws VpcException {
      assertThat(routes.fetch(Url.parse("http://10.0.9.9:22/")).destination())
          .isEqualTo("10.0.9.9:8081");
    }

    @Test
    void isNotMovedToAnotherHop() throws VpcException {
      assertThat(routes.fetch(Url.parse("http://10.0.5.42/")).hop()).isEqualTo(TUNNEL_HOP);
    }

    @Test
    void servesOnlyTheSchemesItHasPortsFor() {
      assertRefused(routes, "https://10.0.9.9/", ErrorCode.HTTP_REQUEST_DENIED, "no https_port");
    }

    @Test
    void refusesConnectUnlessItIsOfTypeTcp() throws VpcException {
      assertThat(failure(() -> routes.connect("10.0.9.9", 22)).code())
          .isEqualTo(ErrorCode.HTTP_REQUEST_DENIED);

      var tcp = routes(new BindingSpec.Service("DB", TCP_SERVICE, false));
      assertThat(tcp.connect("evil.example", 22).destination()).isEqualTo("db.internal:5432");
      assertRefused(tcp, "http://db.internal/", ErrorCode.HTTP_REQUEST_DENIED, "type tcp");
    }

    @Test
    void thatTheDirectoryLacksIsNotFound() {
      var missing = routes(new BindingSpec.Service("API", "nope", false));

      assertRefused(missing, "http://x/", ErrorCode.DESTINATION_NOT_FOUND, "no service nope");
    }
  }

  // ---- policy

  @Nested
  class ThePolicy {

    private final BindingSpec tunnel =
        new BindingSpec.Network("T", new NetworkTarget.Tunnel(TUNNEL), false);

    @Test
    void deniesLinkLocalAndMetadataAddressesByDefault() {
      for (var url :
          List.of(
              "http://169.254.169.254/latest/",
              "http://169.254.1.1/",
              "http://[fe80::1]/",
              "http://[fd00:ec2::254]/",
              "http://100.100.100.200/",
              "http://0.0.0.0/",
              "http://224.0.0.1/",
              "http://255.255.255.255/")) {
        assertRefused(routes(tunnel), url, ErrorCode.DESTINATION_IP_PROHIBITED, "built-in");
      }
    }

    @Test
    void isNotFooledByAnAddressInAnotherSpelling() {
      assertRefused(
          routes(tunnel),
          "http://[::ffff:169.254.169.254]/",
          ErrorCode.DESTINATION_IP_PROHIBITED,
          "built-in");
    }

    @Test
    void opensAMetadataAddressOnlyToARuleThatSaysSo() throws VpcException {
      policy = new Policy(List.of(rule(Action.ALLOW, new Subject.Any())), Action.ALLOW);
      assertRefused(
          routes(tunnel),
          "http://169.254.169.254/",
          ErrorCode.DESTINATION_IP_PROHIBITED,
          "built-in");

      policy = new Policy(List.of(rule(Action.ALLOW, network("169.254.169.254/32"))), Action.ALLOW);
      assertThat(routes(tunnel).fetch(Url.parse("http://169.254.169.254/")).hop())
          .isEqualTo(TUNNEL_HOP);
    }

    @Test
    void judgesAnAddressThatANameResolvedTo() throws VpcException {
      var route = routes(tunnel).fetch(Url.parse("http://rebound.example/"));

      route.policy().check("rebound.example", IpAddress.require("10.0.0.1"), 80);
      var failure =
          failure(
              () ->
                  route
                      .policy()
                      .check("rebound.example", IpAddress.require("169.254.169.254"), 80));
      assertThat(failure.code()).isEqualTo(ErrorCode.DESTINATION_IP_PROHIBITED);
      assertThat(failure).hasMessageContaining("rebound.example");
    }

    @Test
    void takesTheFirstRuleThatMatches() throws VpcException {
      policy =
          new Policy(
              List.of(
                  rule(Action.ALLOW, network("10.0.1.0/24")),
                  rule(Action.DENY, network("10.0.0.0/8"))),
              Action.ALLOW);

      assertThat(routes(tunnel).fetch(Url.parse("http://10.0.1.50/"))).isNotNull();
      assertRefused(
          routes(tunnel), "http://10.0.2.50/", ErrorCode.DESTINATION_IP_PROHIBITED, "10.0.0.0/8");
    }

    @Test
    void leavesANameOpenWhileAnEarlierRuleAboutAddressesMayAllowIt() throws VpcException {
      policy =
          new Policy(
              List.of(
                  rule(Action.ALLOW, network("10.0.0.0/8")), rule(Action.DENY, new Subject.Any())),
              Action.DENY);

      var route = routes(tunnel).fetch(Url.parse("http://db.example/"));

      route.policy().check("db.example", IpAddress.require("10.1.2.3"), 80);
      assertThat(
              failure(() -> route.policy().check("db.example", IpAddress.require("8.8.8.8"), 80)))
          .isNotNull();
    }

    @Test
    void deniesByNameAndByPort() {
      policy =
          new Policy(
              List.of(
                  rule(Action.DENY, new Subject.Hostname("**.secret.example")),
                  new Rule(Action.DENY, new Subject.Any(), List.of(new PortRange(20, 25)))),
              Action.ALLOW);

      assertRefused(
          routes(tunnel), "http://a.b.secret.example/", ErrorCode.HTTP_REQUEST_DENIED, "**.secret");
      assertRefused(routes(tunnel), "http://10.0.0.1:25/", ErrorCode.HTTP_REQUEST_DENIED, "20-25");
    }

    @Test
    void appliesToAServicesRecordToo() {
      policy = new Policy(List.of(rule(Action.DENY, network("10.0.9.0/24"))), Action.ALLOW);

      assertRefused(
          routes(new BindingSpec.Service("T", SERVICE, false)),
          "http://harmless.example/",
          ErrorCode.DESTINATION_IP_PROHIBITED,
          "10.0.9.0/24");
    }

    @Test
    void speaksBeforeTheTables() {
      assertRefused(
          routes(MESH), "http://169.254.169.254/", ErrorCode.DESTINATION_IP_PROHIBITED, "built-in");
    }
  }

  // ---- explain

  @Test
  void anExplanationNamesTheWinnerAndTheLosers() {
    var explanation = routes(MESH).explain(Url.parse("http://10.0.5.42:5432/"));

    assertThat(explanation.route()).hasValue("10.0.5.0/24 via node:node-1");
    assertThat(explanation.considered()).containsExactly("10.0.0.0/8 via " + TUNNEL_HOP);
    assertThat(explanation.reason()).contains("longest prefix");
    assertThat(explanation.hop()).hasValue("node:node-1");
    assertThat(explanation.transport()).hasValue("mesh");
    assertThat(explanation.resolver()).isEmpty();
    assertThat(explanation.error()).isEmpty();
    assertThat(explanation.toString()).contains("also matched: 10.0.0.0/8");
  }

  @Test
  void anExplanationSaysWhatAServiceIgnores() {
    var explanation =
        routes(new BindingSpec.Service("API", SERVICE, false))
            .explain(Url.parse("http://evil.example:22/x"));

    assertThat(explanation.destination()).isEqualTo("10.0.9.9:8081");
    assertThat(explanation.reason()).contains("the URL's host and port are not used");
    assertThat(explanation.bindingKind()).isEqualTo("vpc_service");
  }

  @Test
  void anExplanationForetellsTheError() {
    assertThat(routes(MESH).explain(Url.parse("http://8.8.8.8/")).error())
        .hasValue(ErrorCode.DESTINATION_NOT_FOUND);
    assertThat(routes(MESH).explain(Url.parse("http://169.254.169.254/")).error())
        .hasValue(ErrorCode.DESTINATION_IP_PROHIBITED);
  }

  @Test
  void anExplanationIsALineOfJson() {
    var json = ExplanationJson.of(routes(MESH).explain(Url.parse("https://db.corp.internal/\"")));

    assertThat(json)
        .startsWith("{\"url\":\"https://db.corp.internal/")
        .contains("\"route\":\"db.corp.internal\"")
        .contains("\"considered\":[\"*.corp.internal via " + TUNNEL_HOP + "\"]")
        .contains("\"server_name\":\"db.corp.internal\"")
        .contains("\"error\":null")
        .doesNotContain("\n");
  }

  // ---- fixtures

  private Routes routes(BindingSpec binding) {
    var compiled = new BindingRoutes.Compiled(Directory.fixed(snapshot()));
    return new BindingRoutes(
        binding, compiled, hop -> Optional.of(hop instanceof NodeHop ? "mesh" : "tunnel"));
  }

  private DirectorySnapshot snapshot() {
    var other = new VirtualNetwork("other", "other");
    var settings = new BindingSettings("default", policy, Optional.empty(), TlsSettings.DEFAULT);
    var empty = DirectorySnapshot.empty();
    return new DirectorySnapshot(
        Map.of(TUNNEL, new TunnelRecord(TUNNEL, "office", Optional.empty())),
        Map.of("default", VirtualNetwork.DEFAULT, "other", other),
        List.of(
            new CidrRoute(Cidr.require("10.0.0.0/8"), "default", TUNNEL_HOP, ""),
            new CidrRoute(Cidr.require("10.0.5.0/24"), "default", NODE_HOP, ""),
            new CidrRoute(Cidr.require("fd12::/16"), "default", NODE_HOP, ""),
            new CidrRoute(Cidr.require("172.16.0.0/12"), "other", NODE_HOP, "")),
        List.of(
            new HostnameRoute("db.corp.internal", NODE_HOP, List.of(), ""),
            new HostnameRoute("*.corp.internal", TUNNEL_HOP, List.of(), "")),
        Map.of(SERVICE, httpService(), TCP_SERVICE, tcpService()),
        Map.of(
            "node-1",
            new NodeRecord(
                "node-1",
                "db-1",
                NodeRecord.Kind.NODE,
                List.of(IpAddress.require("100.96.0.7")),
                Optional.empty())),
        SimulatedNetwork.EMPTY,
        Map.of("T", settings, "MESH", settings, "API", settings),
        empty.transports());
  }

  private static ServiceRecord httpService() {
    return new ServiceRecord(
        SERVICE,
        "api",
        ServiceRecord.Type.HTTP,
        new ServiceRecord.Host.Addresses(List.of(IpAddress.require("10.0.9.9"))),
        TUNNEL_HOP,
        new ServiceRecord.Ports(
            OptionalInt.of(8081), OptionalInt.empty(), OptionalInt.empty(), Optional.empty()),
        TlsSettings.DEFAULT);
  }

  private static ServiceRecord tcpService() {
    return new ServiceRecord(
        TCP_SERVICE,
        "db",
        ServiceRecord.Type.TCP,
        new ServiceRecord.Host.Hostname("db.internal", List.of()),
        TUNNEL_HOP,
        new ServiceRecord.Ports(
            OptionalInt.empty(), OptionalInt.empty(), OptionalInt.of(5432), Optional.empty()),
        TlsSettings.DEFAULT);
  }

  private static Rule rule(Action action, Subject subject) {
    return new Rule(action, subject, List.of());
  }

  private static Subject network(String prefix) {
    return new Subject.Network(Cidr.require(prefix));
  }

  private static void assertRefused(Routes routes, String url, ErrorCode code, String saying) {
    var failure = failure(() -> routes.fetch(Url.parse(url)));
    assertThat(failure.code()).as(url).isEqualTo(code);
    assertThat(failure.stage()).as(url).isEqualTo(VpcException.Stage.ROUTE);
    assertThat(failure).as(url).hasMessageContaining(saying);
  }

  private static VpcException failure(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(VpcException.class, call);
  }
}

package io.vpc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.directory.Policy;
import io.vpc4j.core.directory.Policy.Action;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.MeshNode;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class MeshPingCommandTest {

  private static final Cidr ROUTE = Cidr.require("10.0.5.0/24");
  private static final Cidr HERE = Cidr.require("127.0.0.0/24");

  @TempDir private Path folder;
  private Cli cli;
  private FarNode far;

  @BeforeEach
  void begin() {
    cli = new Cli(folder);
  }

  @AfterEach
  void end() throws IOException {
    if (far != null) {
      far.close();
    }
    cli.close();
  }

  private void mesh(UnaryOperator<MeshNode.Builder> more) throws IOException {
    far = new FarNode(more);
    assertThat(cli.with("directory.jsonc", "mesh", "init", "--listen-port", "0").exitCode())
        .isZero();
    far.enter(cli, folder, "db-1", "--route", ROUTE.toString());
  }

  private Cli.Result ping(String... arguments) {
    var command = new String[arguments.length + 2];
    command[0] = "mesh";
    command[1] = "ping";
    System.arraycopy(arguments, 0, command, 2, arguments.length);
    return cli.with("directory.jsonc", command);
  }

  @Test
  void aLineForEachAnswerAndTheStatistics() throws Exception {
    mesh(builder -> builder.route(ROUTE, HERE));

    var named = ping("db-1", "-c", "3", "-i", "0.01");
    assertThat(named.exitCode()).as(named.err()).isZero();
    assertThat(named.out())
        .startsWith("PING db-1 (100.96.0.2) 56(84) bytes of data.\n")
        .containsPattern("64 bytes from 100\\.96\\.0\\.2: icmp_seq=1 ttl=64 time=\\d+\\.\\d{3} ms")
        .contains("icmp_seq=2 ", "icmp_seq=3 ")
        .contains("\n\n--- db-1 ping statistics ---\n")
        .containsPattern("3 packets transmitted, 3 received, 0% packet loss, time \\d+ms\n")
        .containsPattern("rtt min/avg/max/mdev = (\\d+\\.\\d{3}/){3}\\d+\\.\\d{3} ms\n$");
    assertThat(named.err()).isEmpty();

    var behind = ping("10.0.5.1", "--count", "1");
    assertThat(behind.exitCode()).as(behind.err() + behind.out()).isZero();
    assertThat(behind.out()).contains("64 bytes from 10.0.5.1: icmp_seq=1 ");
    assertThat(ping("DB-1.mesh", "-c", "1").out()).contains("64 bytes from 100.96.0.2");
  }

  @Test
  void aRefusalIsALineToo() throws Exception {
    mesh(builder -> builder.route(ROUTE).policy(new Policy(List.of(), Action.DENY)));

    var refused = ping("10.0.5.42", "-c", "1");

    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.out())
        .containsPattern("From \\S+ icmp_seq=1 Destination \\w+ \\w+\n")
        .contains("1 packets transmitted, 0 received, +1 errors, 100% packet loss")
        .doesNotContain("rtt");
  }

  @Test
  void silenceIsLoss() throws Exception {
    try (var silence = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      mesh(builder -> builder);
      cli.with(
          "directory.jsonc",
          "mesh",
          "add",
          "quiet",
          "--endpoint",
          "127.0.0.1:" + silence.getLocalPort());

      var silent = ping("quiet", "-c", "2", "-i", "0.01", "-W", "0.05");

      assertThat(silent.exitCode()).isEqualTo(1);
      assertThat(silent.out())
          .contains("2 packets transmitted, 0 received, 100% packet loss")
          .doesNotContain("icmp_seq");
    }
  }

  @Test
  void whereNothingLeadsIsSaidAtOnce() throws Exception {
    mesh(builder -> builder);

    var nowhere = ping("10.9.9.9");

    assertThat(nowhere.exitCode()).isEqualTo(2);
    assertThat(nowhere.err()).contains("no node of the mesh announces 10.9.9.9");
    var nobody = ping("nobody");
    assertThat(nobody.exitCode()).isEqualTo(2);
    assertThat(nobody.err()).contains("nobody in the mesh has that name");
    var other = ping("fd00::1", "-c", "1");
    assertThat(other.exitCode()).isEqualTo(2);
    assertThat(other.err()).contains("no address of that family");
  }

  /** A hostname route names a resolver behind the node, which is asked over the mesh. */
  @Test
  void aNameBehindANodeIsResolvedThere() throws Exception {
    try (var resolver = new OneNameResolver("db.internal", IpAddress.require("10.0.5.1"))) {
      mesh(builder -> builder.route(ROUTE, HERE));
      var directory = Files.readString(folder.resolve("directory.jsonc"));
      var id = Pattern.compile("\"node_id\": *\"([^\"]+)\"").matcher(directory);
      assertThat(id.find()).as(directory).isTrue();
      cli.write(
          "directory.jsonc",
          directory.replaceFirst(
              "\\{",
              "{\"hostname_routes\": ["
                  + hostnameRoute("*.internal", id.group(1), "10.0.5.1:" + resolver.port())
                  + ", "
                  + hostnameRoute("bare.example", id.group(1), "")
                  + "],"));

      var named = ping("db.internal", "-c", "2", "-i", "0.01");
      assertThat(named.exitCode()).as(named.err() + named.out()).isZero();
      assertThat(named.out())
          .startsWith("PING db.internal (10.0.5.1) 56(84) bytes of data.\n")
          .contains("64 bytes from 10.0.5.1: icmp_seq=2 ", "2 received, 0% packet loss");

      var unknown = ping("other.internal", "-c", "1");
      assertThat(unknown.exitCode()).isEqualTo(2);
      assertThat(unknown.err()).contains("other.internal");
      assertThat(unknown.out()).isEmpty();
      assertThat(ping("bare.example", "-c", "1").err()).contains("no resolver is set");
      assertThat(ping("db.example", "-c", "1").err()).contains("No hostname route matches");
    }
  }

  private static String hostnameRoute(String name, String nodeId, String resolver) {
    return "{\"hostname\": \""
        + name
        + "\", \"node_id\": \""
        + nodeId
        + "\""
        + (resolver.isEmpty() ? "" : ", \"resolver_ips\": [\"" + resolver + "\"]")
        + "}";
  }

  @Test
  void aBindingsRoutesAndPolicyCountWhereOneIsNamed() throws Exception {
    cli.write(
        "directory.jsonc",
        "{\"bindings\": {\"CLOSED\": {\"policy\": {\"default\": \"deny\"}}},"
            + "\"tunnels\": [{\"name\": \"office\", \"tunnel_id\":"
            + " \"550e8400-e29b-41d4-a716-446655440000\"}]}");
    cli.write(
        "wrangler.jsonc",
        "{\"vpc_networks\": ["
            + "{\"binding\": \"MY_VPC\", \"network_id\": \"cf1:network\", \"remote\": true},"
            + "{\"binding\": \"CLOSED\", \"network_id\": \"cf1:network\", \"remote\": true},"
            + "{\"binding\": \"OFFICE\", \"tunnel_id\":"
            + " \"550e8400-e29b-41d4-a716-446655440000\", \"remote\": true}]}");
    mesh(builder -> builder.route(ROUTE, HERE));
    var config = folder.resolve("wrangler.jsonc").toString();

    for (var to : List.of("db-1", "10.0.5.1")) {
      var open = ping(to, "-b", "MY_VPC", "--config", config, "-c", "1");
      assertThat(open.exitCode()).as(open.err() + open.out()).isZero();
    }
    var closed = ping("db-1", "-b", "CLOSED", "--config", config, "-c", "1");
    assertThat(closed.exitCode()).isEqualTo(2);
    assertThat(closed.err()).contains("destination_ip_prohibited");
    var tunnel = ping("10.0.5.1", "-b", "OFFICE", "--config", config, "-c", "1");
    assertThat(tunnel.exitCode()).isEqualTo(2);
    assertThat(tunnel.err()).contains("no node of the mesh");
    assertThat(ping("db-1", "-b", "OTHER", "--config", config).err()).contains("No binding");
    var unrouted = ping("192.0.2.7", "-b", "MY_VPC", "--config", config, "-c", "1");
    assertThat(unrouted.exitCode()).isEqualTo(2);
  }

  @Test
  void itGoesOnUntilItIsToldToEnd() throws Exception {
    mesh(builder -> builder);
    var out = new Listening("icmp_seq=3 ");
    cli.stdout = out;
    var ended = CompletableFuture.supplyAsync(() -> ping("db-1", "-i", "0.01"));
    ended.thenAccept(result -> out.ended(result.err()));
    out.await();

    cli.stop.ask();

    assertThat(ended.get(60, TimeUnit.SECONDS).exitCode()).isZero();
    assertThat(out.said()).contains("ping statistics", "rtt min/avg/max/mdev");
  }

  @Test
  void whatCannotBeIsRefused() throws Exception {
    assertThat(ping("db-1").err()).contains("directory.jsonc");
    cli.write("directory.jsonc", "{}");
    var apart = ping("db-1");
    assertThat(apart.exitCode()).isEqualTo(2);
    assertThat(apart.err()).contains("'vpc4j mesh init'");

    try (var taken = new DatagramSocket(0)) {
      cli.with("directory.jsonc", "mesh", "init", "--listen-port", "" + taken.getLocalPort());
      var busy = ping("100.96.0.9");
      assertThat(busy.exitCode()).isEqualTo(2);
      assertThat(busy.err()).contains("Another process is this side of the mesh");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-c=0", "-c=x", "-i=0", "-i=NaN", "-W=0", "-W=-1", "-W=100000"})
  void badFiguresAreBadUse(String option) {
    assertThat(ping("db-1", option).exitCode()).isEqualTo(2);
  }

  @Test
  void theTallyIsPingsOwnArithmetic() {
    var tally = new PingTally();
    for (var millis : List.of(1, 2, 6)) {
      tally.onSent();
      tally.onReply(Duration.ofMillis(millis));
    }
    tally.onSent();

    assertThat(tally.lines("x", Duration.ofMillis(3_004)))
        .containsExactly(
            "--- x ping statistics ---",
            "4 packets transmitted, 3 received, 25% packet loss, time 3004ms",
            "rtt min/avg/max/mdev = 1.000/3.000/6.000/2.160 ms");
  }
}

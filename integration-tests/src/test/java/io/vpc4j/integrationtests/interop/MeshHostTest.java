package io.vpc4j.integrationtests.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * From nothing to a service behind a stock WireGuard host, as an ordinary user: {@code mesh init},
 * {@code mesh add}, the printed file with the real {@code wg-quick}, {@code fetch}. Then the same
 * with {@code mesh join} in its place, and a real PostgreSQL.
 *
 * <p>Needs root for the namespaces, {@code wireguard-tools}, {@code wireguard-go}, nftables and
 * nginx; where something is missing the test is reported as aborted, with the reason.
 */
@Tag("interop")
@Timeout(300)
class MeshHostTest {

  private static final String PAGE = "{\"answer\": 42}\n";

  @TempDir Path folder;
  private Hosts hosts;
  private Path user;
  private Path nginx;

  @BeforeEach
  void begin() throws IOException {
    Hosts.orAbort();
    hosts = new Hosts("vmh" + ProcessHandle.current().pid() % 1000, folder);
    user = hosts.home("user");
    Files.writeString(
        user.resolve("wrangler.jsonc"),
        """
        {"vpc_networks": [{"binding": "MY_VPC", "network_id": "cf1:network", "remote": true}]}
        """);
    serve();
  }

  private void serve() throws IOException {
    var root = Files.createDirectory(folder.resolve("www"));
    Files.writeString(root.resolve("index.html"), PAGE);
    nginx = folder.resolve("nginx.pid");
    var settings =
        """
        user root; worker_processes 1; pid %1$s; error_log %2$s.log;
        events { worker_connections 1024; }
        http { access_log off; server { listen 80; root %2$s; } }
        """
            .formatted(nginx, root);
    var file = Files.writeString(folder.resolve("nginx.conf"), settings);
    hosts.in(hosts.service(), "nginx", "-c", file.toString());
  }

  @AfterEach
  void end() throws IOException {
    if (hosts != null) {
      if (Files.exists(nginx)) {
        Hosts.must("kill", Files.readString(nginx).trim());
      }
      hosts.close();
    }
  }

  private Hosts.Result vpc4j(String... arguments) throws IOException {
    return hosts.vpc4j(hosts.user(), user, arguments);
  }

  /** The file that the commands print, under the name of an interface of its own. */
  private Path added() throws IOException {
    var init = vpc4j("mesh", "init");
    assertThat(init.exitCode()).as(init.err()).isZero();
    var added = vpc4j("mesh", "add", "db-1", "--route", "10.0.5.0/24");
    assertThat(added.exitCode()).as(added.err()).isZero();
    assertThat(added.err()).contains("wg-quick up vpc4j\n", "vpc4j mesh join vpc4j.conf --route");
    return Files.writeString(hosts.home("gate").resolve(hosts.gate() + "w.conf"), added.out());
  }

  private void fetches() throws IOException {
    var fetched = vpc4j("fetch", "-b", "MY_VPC", "http://10.0.5.42/");
    assertThat(fetched.err()).isEmpty();
    assertThat(fetched.out()).isEqualTo(PAGE);
    assertThat(fetched.exitCode()).isZero();
  }

  @Test
  void aStockWireGuardHostWithThePrintedFile() throws IOException {
    var file = added();
    hosts.wgQuick(hosts.gate(), "up", file);
    try {
      fetches();
      fetches(); // another process: the host has a session with the one before
      var ping = vpc4j("mesh", "ping", "-b", "MY_VPC", "10.0.5.42", "-c", "3", "-i", "0.2");
      assertThat(ping.exitCode()).as(ping.out() + ping.err()).isZero();
      assertThat(ping.out())
          .contains("64 bytes from 10.0.5.42: icmp_seq=1 ttl=63 ", "3 received, 0% packet loss");
      assertThat(vpc4j("mesh", "ping", "db-1", "-c", "1").out()).contains("icmp_seq=1 ttl=64 ");
    } finally {
      hosts.wgQuick(hosts.gate(), "down", file);
    }
  }

  @Test
  void aJavaNodeInItsPlaceWithoutRoot() throws IOException {
    var file = added();
    Hosts.must("chown", "nobody", file.toString());
    var log = folder.resolve("join.log");
    var node =
        hosts.start(
            hosts.gate(),
            file.getParent(),
            log,
            "mesh",
            "join",
            file.toString(),
            "--route",
            "10.0.5.0/24");
    Scene.untilLogged(log.toFile(), "status      http://127.0.0.1:");

    fetches();
    fetches();
    var ping = vpc4j("mesh", "ping", "10.0.5.42", "-c", "2", "-i", "0.2");
    assertThat(ping.exitCode()).as(ping.out() + ping.err()).isZero();

    node.destroy(); // SIGTERM
    assertThat(node.onExit().join().exitValue()).isEqualTo(143);
    assertThat(log).content().contains("peer-1 is connected, at ", "vpc4j: ending");
  }

  @Test
  void postgresBehindTheHost() throws IOException {
    var programs = Postgres.programs();
    if (programs == null) {
      abort("NOT RUN: no PostgreSQL server is installed");
      return;
    }
    var file = added();
    hosts.wgQuick(hosts.gate(), "up", file);
    try (var postgres = new Postgres(programs, hosts)) {
      var log = folder.resolve("proxy.log");
      hosts.start(
          hosts.user(),
          user,
          log,
          "proxy",
          "-b",
          "MY_VPC",
          "--no-proxy",
          "--forward",
          "5432=10.0.5.42:5432");
      Scene.untilLogged(log.toFile(), "5432");

      assertThat(postgres.ask("select sum(n) from generate_series(1, 1000) n"))
          .isEqualTo("500500\n");
      var rows = "select n, md5(n::text) from generate_series(1, 100000) n";
      var copied = postgres.ask("copy (" + rows + ") to stdout");
      assertThat(copied).hasLineCount(100_000);
      assertThat(
              postgres.ask(
                  "select md5(string_agg(n || E'\\t' || m, E'\\n') || E'\\n')"
                      + " from ("
                      + rows.replace("md5(n::text)", "md5(n::text) m")
                      + ") all_of_them"))
          .isEqualTo(Postgres.md5(copied) + "\n");
    } finally {
      hosts.wgQuick(hosts.gate(), "down", file);
    }
  }
}

package io.vpc4j.integrationtests.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.mesh.MeshKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three WireGuard networks that know nothing of each other, each with a stock host that has the
 * kernel, nginx and a resolver behind it; one process of ours, of an ordinary user, is in all of
 * them with the files that their owners made for it. The third has the first one's addresses.
 *
 * <p>Needs what {@link MeshHostTest} needs.
 */
@Tag("interop")
@Timeout(300)
class TwoMeshNetworksTest {

  private static final int LARGE_OCTETS = 24 << 20; // more than lies in buffers on the way

  @TempDir Path folder;
  private final List<Runnable> undo = new ArrayList<>();
  private Hosts hosts;
  private Path user;

  /** A network: its host, and the file for our side. */
  private record Network(String host, Path hostsFile, Path ourFile) {}

  @BeforeEach
  void begin() throws IOException {
    Hosts.orAbort();
    hosts = new Hosts("vmn" + ProcessHandle.current().pid() % 1000, folder);
    user = hosts.home("user");
    Files.writeString(
        user.resolve("wrangler.jsonc"),
        """
        {"vpc_networks": [
          {"binding": "MY_VPC", "network_id": "cf1:network", "remote": true},
          {"binding": "LAB", "network_id": "cf1:network", "remote": true}]}
        """);
  }

  @AfterEach
  void end() throws IOException {
    if (hosts != null) {
      undo.forEach(Runnable::run);
      hosts.close();
    }
  }

  /**
   * A network with a host of its own at {@code net}.1, which calls us {@code net}.5, and a service
   * behind it.
   */
  private Network network(String name, String host, String endpoint, String net, String service)
      throws IOException {
    var ours = MeshKeys.generatePrivateKey();
    var theirs = MeshKeys.generatePrivateKey();
    var device = hosts.gate() + name.charAt(0);
    var port = endpoint.substring(endpoint.indexOf(':') + 1);
    var hostsFile =
        Files.writeString(
            folder.resolve(device + ".conf"),
            """
            [Interface]
            PrivateKey = %s
            ListenPort = %s
            Address = %s.1/24, %s/32
            [Peer]
            PublicKey = %s
            AllowedIPs = %s.5/32
            """
                .formatted(theirs, port, net, service, MeshKeys.publicKey(ours), net));
    var ourFile =
        Files.writeString(
            user.resolve(name + ".conf"),
            """
            [Interface]
            PrivateKey = %s
            Address = %s.5/32
            DNS = %s, %s.test
            [Peer]
            PublicKey = %s
            AllowedIPs = %s.1/32, %s/16
            Endpoint = %s
            """
                .formatted(
                    ours, net, service, name, MeshKeys.publicKey(theirs), net, service, endpoint));
    return new Network(host, hostsFile, ourFile);
  }

  /** The host comes up, with a server and a resolver at the service's address. */
  private void up(Network network, String name, String service) throws Exception {
    hosts.wgQuick(network.host(), "up", network.hostsFile());
    undo.add(() -> quietly(() -> hosts.wgQuick(network.host(), "down", network.hostsFile())));
    var root = Files.createDirectory(folder.resolve(name));
    Files.writeString(root.resolve("index.html"), name);
    var large = new byte[LARGE_OCTETS];
    new Random(1).nextBytes(large);
    Files.write(root.resolve("large"), large);
    var pid = folder.resolve(name + ".pid");
    var settings =
        """
        user root; worker_processes 1; pid %1$s; error_log %2$s.log;
        events { worker_connections 64; }
        http { access_log off; server { listen %3$s:80; root %2$s; } }
        """
            .formatted(pid, root, service);
    var file = Files.writeString(folder.resolve(name + ".nginx"), settings);
    hosts.in(network.host(), "nginx", "-c", file.toString());
    undo.add(0, () -> quietly(() -> Hosts.must("kill", Files.readString(pid).trim())));
  }

  private interface Step {
    void run() throws IOException;
  }

  private static void quietly(Step step) {
    try {
      step.run();
    } catch (IOException e) {
      System.out.println("what was set up is not taken away: " + e.getMessage());
    }
  }

  private Path resolver(Network network, String name, String service) throws IOException {
    var log = folder.resolve(name + ".names");
    hosts.startAsRoot(
        network.host(),
        log,
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-cp",
        Path.of(System.getProperty("basedir"), "target", "test-classes").toString(),
        NameService.class.getName(),
        service,
        "app." + name + ".test",
        service);
    return log;
  }

  private void must(String... arguments) throws IOException {
    var result = hosts.vpc4j(hosts.user(), user, arguments);
    assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
  }

  private String get(String url) throws IOException {
    return hosts
        .runAsNobody(
            hosts.user(), user, "curl", "-s", "-f", "-m", "20", "-x", "http://127.0.0.1:8118", url)
        .out();
  }

  private boolean gone(String url) {
    try {
      return get(url).isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void twoAreReachedAtOnceAndOneLeavesWithoutTheOther() throws Exception {
    var office = network("office", hosts.gate(), "10.99.0.2:51820", "10.7.0", "10.20.0.9");
    var depot = network("depot", hosts.second(), "10.99.1.2:51820", "10.8.0", "10.30.0.9");
    var lab = network("lab", hosts.second(), "10.99.1.2:51822", "10.7.0", "10.20.0.9");
    up(office, "office", "10.20.0.9");
    up(depot, "depot", "10.30.0.9");
    up(lab, "lab", "10.20.0.9");
    var officeNames = resolver(office, "office", "10.20.0.9");
    var depotNames = resolver(depot, "depot", "10.30.0.9");

    must("mesh", "import", "office.conf");
    must("mesh", "import", "depot.conf");
    must("mesh", "import", "lab.conf", "--vnet", "lab");
    bind("LAB", "lab");
    var log = folder.resolve("proxy.log");
    hosts.start(hosts.user(), user, log, "proxy", "-b", "MY_VPC");
    Scene.untilLogged(log.toFile(), "8118");
    Scene.untilLogged(officeNames.toFile(), "ready");
    Scene.untilLogged(depotNames.toFile(), "ready");

    assertThat(get("http://10.20.0.9/")).isEqualTo("office");
    assertThat(get("http://10.30.0.9/")).isEqualTo("depot");
    assertThat(get("http://app.office.test/")).as("by its resolver").isEqualTo("office");
    assertThat(get("http://app.depot.test/")).as("by its resolver").isEqualTo("depot");
    assertThat(hosts.vpc4j(hosts.user(), user, "fetch", "-b", "LAB", "http://10.20.0.9/").out())
        .as("the same address in another virtual network")
        .isEqualTo("lab");

    var download =
        hosts.pipeFrom(
            hosts.user(),
            user,
            "curl",
            "-s",
            "-f",
            "-x",
            "http://127.0.0.1:8118",
            "http://10.20.0.9/large");
    try (var in = download.getInputStream()) {
      var wanted = Files.readAllBytes(folder.resolve("office/large"));
      assertThat(in.readNBytes(1 << 20)).isEqualTo(Arrays.copyOf(wanted, 1 << 20));
      must("mesh", "remove", "--force", "--network", "depot");
      Scene.until("nobody has the depot any more", () -> gone("http://10.30.0.9/"));
      assertThat(in.readAllBytes())
          .as("the rest of what was running")
          .isEqualTo(Arrays.copyOfRange(wanted, 1 << 20, wanted.length));
    }
    assertThat(download.waitFor()).isZero();
    assertThat(get("http://app.office.test/")).isEqualTo("office");
  }

  /** A binding names a virtual network by its id, which the command has made. */
  private void bind(String binding, String virtualNetwork) throws IOException {
    var file = user.resolve("directory.jsonc");
    var text = Files.readString(file, StandardCharsets.UTF_8);
    var made =
        Pattern.compile(
                "\"virtual_network_id\": \"([0-9a-f-]+)\",\\s*\"name\": \"" + virtualNetwork + "\"")
            .matcher(text);
    assertThat(made.find()).as(text).isTrue();
    var bindings =
        "\"bindings\": {\"" + binding + "\": {\"virtual_network_id\": \"" + made.group(1) + "\"}},";
    Files.writeString(file, text.replaceFirst("\\{", "{\n  " + bindings));
  }
}

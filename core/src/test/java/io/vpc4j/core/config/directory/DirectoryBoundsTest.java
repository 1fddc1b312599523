package io.vpc4j.core.config.directory;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.config.ConfigDocument;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.SimulatedNetwork.Faults;
import io.vpc4j.core.directory.SimulatedNetwork.Host;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * However large, deep or senseless a file is, it is read or refused in bounded time and memory. The
 * deadlines are many times what is needed; only what is worse than linear misses them.
 */
@Timeout(60)
class DirectoryBoundsTest {

  private static final int TEN_MIB = 10 << 20;
  private static final int ROUTES = 100_000;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"directory.jsonc", "directory.toml"})
  void noiseIsRefused(String name) throws IOException {
    var noise = new byte[TEN_MIB];
    new Random(1).nextBytes(noise);
    Files.write(folder.resolve(name), noise);

    assertRefused(new DirectoryFile(folder, name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[",
        "{\"a\":",
        "1,",
        "{\"routes\":[",
        "\"",
        "/*",
        "//",
        "{\"tunnels\":[],\"routes\":[{},{},1,{\"network\":1},",
        "\\u0000",
        " "
      })
  void tenMebibytesOfOneThingAreRefused(String thing) {
    assertRefused(DirectoryFile.jsonc(folder).write(thing.repeat(TEN_MIB / thing.length())));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a=[", "a={a=", "[", "[[a]]\n", "a.", "\"", "'''", "a=1\n", "[a.a.a]\n"})
  void tenMebibytesOfOneThingAreRefusedInToml(String thing) {
    assertRefused(
        new DirectoryFile(folder, "directory.toml").write(thing.repeat(TEN_MIB / thing.length())));
  }

  @Test
  void anObjectOfNothingButUnknownFieldsListsTheFirst() {
    var fields =
        IntStream.range(0, 100_000)
            .mapToObj(i -> "\"tunnel" + i + "\":1")
            .collect(Collectors.joining(","));
    var problems = DirectoryFile.jsonc(folder).write("{" + fields + "}").read().problems();

    assertThat(problems).hasSize(Problems.MAX_LISTED + 1);
    assertThat(problems.get(Problems.MAX_LISTED).message()).isEqualTo("and 99900 more problems");
  }

  @Test
  void aHundredThousandRoutesWithAMistakeEachListTheFirst() {
    var problems =
        DirectoryFile.jsonc(folder).write(jsonRoutes("\"tunnel_id\":\"x\"")).read().problems();

    assertThat(problems).hasSize(Problems.MAX_LISTED + 1);
  }

  @Test
  void aFileBeyondTheBoundIsNotRead() throws IOException {
    var file = DirectoryFile.jsonc(folder);
    try (var out = Files.newByteChannel(file.write("").path(), StandardOpenOption.WRITE)) {
      out.position(ConfigDocument.MAX_OCTETS);
      out.write(ByteBuffer.wrap(new byte[] {' '}));
    }

    assertThat(file.complaints()).containsExactly("0: is larger than 16777216 octets");
  }

  @Test
  void aHundredThousandRoutesAreRead() {
    assertRoutes(DirectoryFile.jsonc(folder).write(jsonRoutes("\"via\":\"acme:1\"")).snapshot());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"x=%s|[", "x=%s|{a=", "%sa=1|a.", "[%sa]|a.", "{\"x\":%s|[", "%s|{\"x\":"})
  void whatGoesTooDeepIsRefused(String shape) {
    var parts = shape.split("\\|", 2);
    var name = shape.contains(":") ? "directory.jsonc" : "directory.toml";

    assertThat(
            new DirectoryFile(folder, name)
                .write(parts[0].formatted(parts[1].repeat(100_000)))
                .complaints())
        .singleElement()
        .asString()
        .endsWith("nested deeper than 1000 levels");
  }

  @Test
  void aHundredThousandRoutesAreReadFromToml() {
    assertRoutes(new DirectoryFile(folder, "directory.toml").write(tomlRoutes(ROUTES)).snapshot());
  }

  @Test
  void aNodeMayAnnounceAHundredThousandPrefixes() {
    var prefixes =
        IntStream.range(0, ROUTES)
            .mapToObj(i -> '"' + network(i) + '"')
            .collect(Collectors.joining(","));
    var text =
        "{\"mesh\":{\"nodes\":[{\"node_id\":\"a\",\"name\":\"a\",\"routes\":[%s]},"
            + "{\"node_id\":\"b\",\"name\":\"b\",\"routes\":[%s]}]}}";

    assertRoutes(DirectoryFile.jsonc(folder).write(text.formatted(prefixes, prefixes)).snapshot());
  }

  @Test
  void simulatedAddressesFollowFromTheNameAndNotFromTheOrder() {
    var few = hosts("\"b\"", "\"a\"").loopback().hosts();
    var more = hosts("\"c\"", "\"a\"", "\"d\"", "\"b\"").loopback().hosts();

    assertThat(more.get("a")).isEqualTo(few.get("a"));
    assertThat(more.get("b")).isEqualTo(few.get("b"));
    assertThat(more.values().stream().map(Host::addresses).distinct()).hasSize(4);
    assertThat(more.values())
        .allMatch(host -> Cidr.require("198.18.0.0/15").contains(host.addresses().get(0)));
  }

  @Test
  void ofTwoNamesThatMeetTheLaterInTheAlphabetMovesOn() {
    var pair = collision();
    var alone = hosts('"' + pair.get(0) + '"').loopback().hosts().get(pair.get(0));
    var first = hosts('"' + pair.get(0) + '"', '"' + pair.get(1) + '"').loopback().hosts();
    var last = hosts('"' + pair.get(1) + '"', '"' + pair.get(0) + '"').loopback().hosts();

    assertThat(first).isEqualTo(last);
    assertThat(first.get(pair.get(0))).isEqualTo(alone);
    assertThat(first.get(pair.get(1)).addresses().get(0).low())
        .isEqualTo(alone.addresses().get(0).low() + 1);
  }

  /** Two names that each alone would be given the same address, in the order of the alphabet. */
  private List<String> collision() {
    var byAddress = new HashMap<List<IpAddress>, String>();
    for (var i = 0; ; i++) {
      var name = "host-" + i;
      var address =
          SimulatedAddresses.assign(Map.of(name, bare(name)), Set.of()).get(name).addresses();
      var other = byAddress.put(address, name);
      if (other != null) {
        return Stream.of(name, other).sorted().toList();
      }
    }
  }

  private static Host bare(String name) {
    return new Host(name, List.of(), Optional.empty(), Map.of(), Set.of(), Faults.NONE);
  }

  @Test
  void sixtyFiveThousandSimulatedHostsEachHaveAnAddressOfTheirOwn() {
    var names =
        IntStream.range(0, 65_536).mapToObj(i -> "\"host-" + i + "\"").toArray(String[]::new);
    var addresses =
        hosts(names).loopback().hosts().values().stream()
            .map(host -> host.addresses().get(0))
            .collect(Collectors.toSet());

    assertThat(addresses)
        .hasSize(65_536)
        .doesNotContain(IpAddress.require("198.18.0.0"), IpAddress.require("198.19.255.255"));
  }

  @Test
  void oneMoreSimulatedHostIsOneTooMany() {
    var hosts =
        IntStream.rangeClosed(0, 65_536)
            .mapToObj(i -> "{\"name\":\"host-" + i + "\"}")
            .collect(Collectors.joining(","));

    assertThat(
            DirectoryFile.jsonc(folder)
                .write("{\"loopback\":{\"hosts\":[" + hosts + "]}}")
                .complaints())
        .containsExactly("1: loopback: must have at most 65536 hosts");
  }

  @Test
  void aLongChainOfAliasesIsRefusedAndNotWalkedForEver() {
    var hosts =
        IntStream.range(0, 50_000)
            .mapToObj(i -> "{\"name\":\"h" + i + "\",\"alias\":\"h" + (i + 1) + "\"}")
            .collect(Collectors.joining(","));
    var problems =
        DirectoryFile.jsonc(folder)
            .write("{\"loopback\":{\"hosts\":[" + hosts + ",{\"name\":\"h50000\"}]}}")
            .read()
            .problems();

    assertThat(problems.get(0).message()).isEqualTo("the alias leads over more than 16 others");
  }

  private DirectorySnapshot hosts(String... names) {
    var hosts =
        Arrays.stream(names)
            .map(name -> "{\"name\":" + name + "}")
            .collect(Collectors.joining(","));
    return DirectoryFile.jsonc(folder)
        .write("{\"loopback\":{\"hosts\":[" + hosts + "]}}")
        .snapshot();
  }

  private static String jsonRoutes(String hop) {
    return IntStream.range(0, ROUTES)
        .mapToObj(i -> "{\"network\":\"" + network(i) + "\"," + hop + "}")
        .collect(Collectors.joining(",\n", "{\"routes\":[", "]}"));
  }

  private static String tomlRoutes(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "[[routes]]\nnetwork = \"" + network(i) + "\"\nvia = \"acme:1\"\n")
        .collect(Collectors.joining());
  }

  private static String network(int i) {
    return Cidr.of(IpAddress.ofV4(10 << 24 | i)).toString();
  }

  private static void assertRoutes(DirectorySnapshot snapshot) {
    assertThat(snapshot.routes()).hasSize(ROUTES);
    assertThat(snapshot.routes().get(0).network()).isEqualTo(Cidr.require("10.0.0.0/32"));
    assertThat(snapshot.routes().get(ROUTES - 1).network().toString()).isEqualTo(network(99_999));
  }

  private static void assertRefused(DirectoryFile file) {
    var result = file.read();

    assertThat(result.snapshot()).isEmpty();
    assertThat(result.problems()).isNotEmpty().hasSizeLessThanOrEqualTo(Problems.MAX_LISTED + 1);
    assertThat(result.problems()).allMatch(problem -> problem.message().length() < 1_000);
  }
}

package io.vpc4j.core.config.wrangler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.ConfigurationException;
import io.vpc4j.NetworkTarget;
import io.vpc4j.Problem;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What wrangler's rules say beyond the corpus. */
class WranglerReaderTest {

  private static final String UUID = "550e8400-e29b-41d4-a716-446655440000";

  private static WranglerReader reader() {
    return WranglerReader.of(Map.of());
  }

  private static WranglerConfig read(WranglerReader reader, String json) {
    return reader.read("wrangler.jsonc", json.getBytes(StandardCharsets.UTF_8));
  }

  private static WranglerConfig read(String json) {
    return read(reader(), json);
  }

  private static List<String> messages(List<Problem> problems) {
    return problems.stream().map(Problem::message).collect(Collectors.toList());
  }

  @Test
  void bindingsAreReadIntoTypes() throws Exception {
    var config =
        read("{\"vpc_networks\":[{\"binding\":\"A\",\"tunnel_id\":\""
                + UUID
                + "\",\"remote\":true},\n{\"binding\":\"B\",\"network_id\":\"cf1:network\"}],"
                + "\"vpc_services\":[{\"binding\":\"C\",\"service_id\":\"s\",\"remote\":false}]}")
            .orThrow();
    assertThat(config.networks()).hasSize(2);
    var first = config.networks().get(0);
    assertThat(first.name()).isEqualTo("A");
    assertThat(first.target()).isEqualTo(new NetworkTarget.Tunnel(UUID));
    assertThat(first.remote().value()).isTrue();
    var second = config.networks().get(1);
    assertThat(second.target()).isEqualTo(new NetworkTarget.Network("cf1:network"));
    assertThat(second.remote().value()).isFalse();
    assertThat(second.remote().raw()).isEmpty();
    assertThat(second.line()).isEqualTo(2);
    assertThat(second.column()).isEqualTo(1);
    var service = config.services().get(0);
    assertThat(service.serviceId()).isEqualTo("s");
    assertThat(service.remote().value()).isFalse();
    assertThat(service.remote().raw()).isPresent();
  }

  @Test
  void aFileWithErrorsGivesNoBindingsAndThrowsAllProblemsAtOnce() {
    var config =
        read("{\"x\":1,\"vpc_networks\":[{\"binding\":\"A\",\"tunnel_id\":\"t\"},\n{},\n5]}");
    assertThat(config.ok()).isFalse();
    assertThat(config.networks()).isEmpty();
    assertThat(config.verdict().errors()).extracting(Problem::line).containsExactly(2, 2, 3);
    assertThatThrownBy(config::orThrow)
        .isInstanceOfSatisfying(
            ConfigurationException.class, e -> assertThat(e.problems()).hasSize(4));
  }

  @Test
  void anUnknownKeyIsPlacedWhereItStands() {
    var warning = read("{\n  \"name\": \"w\",\n  \"zz\": 1\n}").verdict().warnings().get(0);
    assertThat(warning.toString())
        .isEqualTo(
            "wrangler.jsonc:3:3: warning: Unexpected fields found in top-level field: \"zz\"");
  }

  @Test
  void aTopLevelArrayIsAnEmptyConfigurationWithOddFields() {
    assertThat(read("[]").ok()).isTrue();
    assertThat(messages(read("[7,8]").verdict().warnings()))
        .containsExactly("Unexpected fields found in top-level field: \"0\",\"1\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "5", "\"x\"", "true"})
  void aFileThatHoldsNoObjectIsRefusedCleanly(String json) {
    var fatal = read(json).verdict().fatal().orElseThrow();
    assertThat(fatal.stage()).isEqualTo("normalize");
    assertThat(fatal.problem().origin()).isEqualTo(Problem.Origin.VPC4J);
    assertThat(fatal.problem().message()).startsWith("the file must hold an object");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "constructor",
        "toString",
        "hasOwnProperty",
        "__proto__",
        "valueOf",
        "isPrototypeOf",
        "toLocaleString",
        "propertyIsEnumerable",
        "__defineGetter__",
        "__lookupSetter__"
      })
  void aNameThatEveryObjectHasIsRefusedCleanly(String name) {
    var config = read("{\"vpc_networks\":[{\"binding\":\"" + name + "\",\"tunnel_id\":\"t\"}]}");
    assertThat(config.ok()).isFalse();
    assertThat(config.verdict().fatal().orElseThrow().problem().message()).contains(name);
  }

  @Test
  void aNullItemIsAnErrorAloneAndARefusalBelowAListThatIsInherited() {
    var networks = "\"vpc_networks\":[{\"binding\":\"A\",\"tunnel_id\":\"t\"}]";
    var env = "\"env\":{\"s\":{\"vpc_networks\":[null]}}";
    var alone = read(reader().environment("s"), "{" + env + "}");
    assertThat(alone.verdict().errors()).hasSize(1);
    var both = read(reader().environment("s"), "{" + networks + "," + env + "}");
    assertThat(both.verdict().fatal()).isPresent();
    var unknown = read(reader().environment("t"), "{\"vpc_networks\":[null]}");
    assertThat(unknown.verdict().fatal()).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "\"x\"", "5", "true"})
  void anEnvironmentThatIsNoObjectIsRefusedCleanly(String value) {
    var json = "{\"env\":{\"s\":" + value + "}}";
    assertThat(read(reader().environment("s"), json).verdict().fatal()).isPresent();
    assertThat(read(json).ok()).isTrue();
  }

  @Test
  void anExplicitEmptyEnvironmentBeatsTheVariable() {
    var json =
        "{\"vpc_networks\":[{\"binding\":\"TOP\",\"tunnel_id\":\"t\"}],"
            + "\"env\":{\"s\":{\"vpc_networks\":[{\"binding\":\"ENV\",\"tunnel_id\":\"t\"}]},"
            + "\"\":{}}}";
    var reader = WranglerReader.of(Map.of("CLOUDFLARE_ENV", "s"));
    assertThat(read(reader, json).networks().get(0).name()).isEqualTo("ENV");
    assertThat(read(reader.environment(""), json).networks().get(0).name()).isEqualTo("TOP");
    assertThat(read(WranglerReader.of(Map.of("CLOUDFLARE_ENV", "")), json).networks().get(0).name())
        .isEqualTo("TOP");
  }

  @Test
  void everyNameThatTheEnvironmentLacksIsWarnedOfOnItsOwn() {
    var config =
        read(
            reader().environment("s"),
            "{\"vpc_networks\":[{\"binding\":\"A\",\"tunnel_id\":\"t\"},"
                + "{\"binding\":\"B\",\"tunnel_id\":\"t\"}],\"env\":{\"s\":{\"vpc_networks\":[]}}}");
    assertThat(config.ok()).isTrue();
    assertThat(config.networks()).isEmpty();
    assertThat(messages(config.verdict().warnings()))
        .hasSize(2)
        .first()
        .isEqualTo(
            "There is a vpc_networks binding with name \"A\" at the top level, but not on "
                + "\"env.s\".\nThis is not what you probably want, since \"vpc_networks\" "
                + "configuration is not inherited by environments.\nPlease add a binding for \"A\" "
                + "to \"env.s.vpc_networks.bindings\".");
  }

  @Test
  void anUnknownEnvironmentKeepsTheListsOfTheTopLevel() {
    var json = "{\"vpc_networks\":[{\"binding\":\"A\",\"tunnel_id\":\"t\"}]%s}";
    var without = read(reader().environment("x"), json.formatted(""));
    assertThat(without.ok()).isTrue();
    assertThat(without.networks()).hasSize(1);
    assertThat(without.verdict().warnings()).hasSize(1);
    var with = read(reader().environment("x"), json.formatted(",\"env\":{}"));
    assertThat(with.ok()).isFalse();
    assertThat(messages(with.verdict().errors()).get(0))
        .contains("The available configured environment names are: []\n\nConsider");
  }

  @Test
  void aPagesProjectNeedNotHaveItsEnvironments() {
    var config =
        read(
            reader().environment("production"),
            "{\"pages_build_output_dir\":\"d\",\"env\":{\"preview\":{}},"
                + "\"vpc_networks\":[{\"binding\":\"A\",\"tunnel_id\":\"t\"}]}");
    assertThat(config.ok()).isTrue();
    assertThat(config.verdict().warnings()).isEmpty();
    assertThat(config.networks()).hasSize(1);
  }

  @Test
  void namesOfEveryProductAreCompared() {
    var config =
        read(
            "{\"vpc_networks\":[{\"binding\":\"V\",\"tunnel_id\":\"t\"}],"
                + "\"kv_namespaces\":[{\"binding\":\"V\"}],"
                + "\"durable_objects\":{\"bindings\":[{\"name\":\"V\",\"class_name\":\"C\"}]},"
                + "\"queues\":{\"producers\":[{\"binding\":\"V\",\"queue\":\"q\"}]},"
                + "\"r2_buckets\":[{\"binding\":\"V\"}],\"d1_databases\":[{\"binding\":\"V\"}],"
                + "\"ai\":{\"binding\":\"V\"},\"browser\":{\"binding\":\"V\"},"
                + "\"vars\":{\"V\":1},\"assets\":{\"binding\":\"V\"},"
                + "\"secrets\":{\"required\":[\"V\"]},"
                + "\"version_metadata\":{\"binding\":\"V\"}}");
    assertThat(messages(config.verdict().errors()).get(0))
        .isEqualTo(
            "V assigned to Durable Object, KV Namespace, Queue, D1 Database, R2 Bucket, Browser "
                + "Run, AI, Worker Version Metadata, Environment Variable, Assets, VPC Network, "
                + "and Secret bindings.");
  }

  @Test
  void namesAreReportedInJavaScriptsOrder() {
    var items = new StringBuilder();
    for (String name : List.of("b", "10", "a", "2", "01")) {
      var item = "{\"binding\":\"" + name + "\",\"tunnel_id\":\"t\"},";
      items.append(item).append(item);
    }
    assertThat(messages(read("{\"vpc_networks\":[" + items + "]}").verdict().errors()))
        .extracting(message -> message.substring(0, message.indexOf(' ')))
        .containsExactly("2", "10", "b", "a", "01", "Bindings");
  }

  @Test
  void caseMattersInNames() {
    assertThat(
            read("{\"vpc_networks\":[{\"binding\":\"v\",\"tunnel_id\":\"t\"},"
                    + "{\"binding\":\"V\",\"tunnel_id\":\"t\"}]}")
                .ok())
        .isTrue();
  }

  @Test
  void aPrototypeLendsItsKeysInJsonButNotInToml() {
    var json = read("{\"vpc_networks\":[{\"binding\":\"A\",\"__proto__\":{\"tunnel_id\":\"t\"}}]}");
    assertThat(json.networks().get(0).target()).isEqualTo(new NetworkTarget.Tunnel("t"));
    var toml =
        reader()
            .read(
                "wrangler.toml",
                "[[vpc_networks]]\nbinding='A'\n__proto__={tunnel_id='t'}\n"
                    .getBytes(StandardCharsets.UTF_8));
    assertThat(toml.ok()).isFalse();
    assertThat(messages(toml.verdict().warnings()))
        .containsExactly("Unexpected fields found in vpc_networks[0] field: \"__proto__\"");
  }

  @Test
  void aDateIsAnObjectWithoutKeys() {
    var config =
        reader()
            .read("wrangler.toml", "vpc_networks=[1979-05-27]\n".getBytes(StandardCharsets.UTF_8));
    assertThat(messages(config.verdict().errors()))
        .containsExactly(
            "\"vpc_networks[0]\" bindings should have a string \"binding\" field but got "
                + "\"1979-05-27\".",
            "\"vpc_networks[0]\" bindings must have either a \"tunnel_id\" or \"network_id\" field "
                + "but got \"1979-05-27\".");
  }

  @Test
  void whatIsPrintedIsPrintedAsJavaScriptDoes() {
    var config =
        read("{\"vpc_services\":[{\"b\":[1.0,1e21,-0,0.1,1e400],\"2\":\"\\ud800\",\"1\":null}]}");
    assertThat(messages(config.verdict().errors()).get(0))
        .isEqualTo(
            "\"vpc_services[0]\" bindings should have a string \"binding\" field but got "
                + "{\"1\":null,\"2\":\"\\ud800\",\"b\":[1,1e+21,0,0.1,null]}.");
    assertThat(messages(config.verdict().warnings()))
        .containsExactly("Unexpected fields found in vpc_services[0] field: \"1\",\"2\",\"b\"");
  }

  @Test
  void otherProductsListsMustBeListsToo() {
    assertThat(messages(read("{\"kv_namespaces\":{}}").verdict().errors()))
        .containsExactly("The field \"kv_namespaces\" should be an array but got {}.");
    assertThat(messages(read("{\"kv_namespaces\":[5]}").verdict().errors()))
        .containsExactly("\"kv_namespaces\" bindings should be objects, but got 5");
    assertThat(messages(read("{\"r2_buckets\":[{\"remote\":1}]}").verdict().errors()))
        .containsExactly(
            "\"r2_buckets[0]\" bindings should have a string \"binding\" field but got "
                + "{\"remote\":1}.",
            "\"r2_buckets[0]\" should, optionally, have a boolean \"remote\" field but got "
                + "{\"remote\":1}.");
  }

  @Test
  void anotherEndingReadsAsAnEmptyConfiguration() {
    for (String name : List.of("wrangler.yaml", "wrangler.JSONC", "wrangler", "x.toml.bak")) {
      var config = reader().read(name, "not a configuration".getBytes(StandardCharsets.UTF_8));
      assertThat(config.ok()).as(name).isTrue();
      assertThat(config.networks()).isEmpty();
    }
  }

  @Test
  void ourOwnAdviceStaysOutOfWranglersWarnings() {
    var reader = reader().networksKnownTo(target -> target.id().equals("cf1:network"));
    var config =
        read(
            reader,
            "{\"vpc_networks\":[{\"binding\":\"\",\"tunnel_id\":\"not-a-uuid\"},"
                + "{\"binding\":\"B\",\"network_id\":\"cf2:network\",\"remote\":\"yes\"},"
                + "{\"binding\":\"C\",\"network_id\":\"cf1:network\",\"remote\":true},"
                + "{\"binding\":\"D\",\"tunnel_id\":\""
                + UUID
                + "\"}],"
                + "\"vpc_services\":[{\"binding\":\"E\",\"service_id\":\"x\",\"remote\":null}]}");
    assertThat(config.ok()).isTrue();
    assertThat(config.verdict().warnings()).isEmpty();
    assertThat(messages(config.advice()))
        .containsExactly(
            "the binding's name is empty",
            "the tunnel id \"not-a-uuid\" is not a UUID",
            "no installed transport knows the network \"cf2:network\"",
            "\"remote\" is a string and not a boolean; it counts as true",
            "\"remote\" is null and not a boolean; it counts as true");
    assertThat(config.advice()).allMatch(problem -> problem.origin() == Problem.Origin.VPC4J);
    assertThat(CheckReport.line(reader, config)).contains("\"warnings\":[]");
    assertThat(config.networks().get(1).remote().value()).isTrue();
  }

  @Test
  void aFileOfNothingButMistakesIsRefusedInBoundedSpace() {
    var config = read("{\"vpc_networks\":[" + "5,".repeat(1_500_000) + "]}");
    assertThat(config.ok()).isFalse();
    assertThat(config.verdict().errors()).hasSize(Diagnostics.MAX_FINDINGS);
    assertThat(messages(config.advice()))
        .containsExactly("more than 10000 problems: the rest are not listed");
  }

  @Test
  void manyBindingsAreComparedAtOnce() {
    var items = new StringBuilder();
    for (int i = 0; i < 100_000; i++) {
      items.append("{\"binding\":\"B").append(i).append("\",\"tunnel_id\":\"t\"},");
    }
    var list = "\"vpc_networks\":[" + items + "]";
    var config = read(reader().environment("s"), "{" + list + ",\"env\":{\"s\":{" + list + "}}}");
    assertThat(config.ok()).isTrue();
    assertThat(config.networks()).hasSize(100_000);
    assertThat(config.verdict().warnings()).isEmpty();
  }

  @Test
  void theReportIsOneLineOfJson() {
    var reader = reader().environment("a\nb");
    assertThat(CheckReport.line(reader, read(reader, "{\"name\":\"w\"}")))
        .startsWith(
            "{\"env\":\"a\\nb\",\"ok\":true,\"config\":{\"vpc_networks\":[],\"vpc_services\":[]},"
                + "\"errors\":[],\"warnings\":[{\"scope\":\"\",\"message\":\"No environment")
        .endsWith(
            "\"meta\":{\"name\":\"w-a\\nb\",\"topLevelName\":\"w\",\"targetEnvironment\":\"a\\nb\","
                + "\"definedEnvironments\":[]}}");
    assertThat(CheckReport.line(reader(), read("{\n x")))
        .isEqualTo(
            "{\"env\":null,\"ok\":false,\"config\":null,\"errors\":[],\"warnings\":[],"
                + "\"fatal\":{\"stage\":\"read\",\"type\":\"ParseError\","
                + "\"message\":\"InvalidSymbol: \\\"x\\\" is not JSON\",\"line\":2,\"column\":1}}");
  }
}

package io.vpc4j.core.config.directory;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.directory.EdgeSettings;
import io.vpc4j.core.directory.Policy;
import io.vpc4j.core.directory.ServiceRecord;
import io.vpc4j.core.directory.SimulatedNetwork.Faults;
import io.vpc4j.core.directory.TlsSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The JSON Schema that editors use says what the reader does. */
class DirectorySchemaTest {

  @TempDir private Path folder;

  private final JsonSchema schema = JsonSchema.shipped();

  @Test
  void theOneInTheJarIsTheOneInTheDocuments() throws IOException {
    try (var shipped =
        DirectoryReader.class.getResourceAsStream("/META-INF/vpc4j/directory.schema.json")) {
      assertThat(shipped)
          .hasBinaryContent(
              Files.readAllBytes(Path.of("..", "docs", "schema", "directory.schema.json")));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aShapeHasTheSameFieldsInBoth(Shape shape) {
    var definition = schema.definition(shape.schemaName());

    assertThat(JsonSchema.object(definition, "properties").keySet())
        .containsExactlyInAnyOrderElementsOf(shape.fields());
    assertThat(definition.get("additionalProperties")).isEqualTo(false);
  }

  @Test
  void theSchemaDefinesNothingElse() {
    assertThat(schema.definitions())
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Shape.values()).map(Shape::schemaName).toList());
  }

  @Test
  void everyFieldIsDescribed() {
    for (var shape : Shape.values()) {
      var definition = schema.definition(shape.schemaName());
      assertThat(definition).as(shape.schemaName()).containsKey("description");
      JsonSchema.object(definition, "properties")
          .forEach(
              (name, property) ->
                  assertThat(JsonSchema.names(property))
                      .as("%s.%s", shape.schemaName(), name)
                      .containsAnyElementsOf(List.of("$ref", "description")));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "service, type",
    "tls_settings, cert_verification_mode",
    "host_faults, connect",
    "port_faults, connect",
    "host_faults, dns",
    "policy, default"
  })
  void aChoiceHasTheSameWordsInBoth(String definition, String field) {
    var type =
        switch (field) {
          case "type" -> ServiceRecord.Type.class;
          case "cert_verification_mode" -> TlsSettings.Mode.class;
          case "connect" -> Faults.Connect.class;
          case "dns" -> Faults.Dns.class;
          default -> Policy.Action.class;
        };

    assertThat(words(schema.property(definition, field).get("enum"))).isEqualTo(words(type));
  }

  @Test
  void aProtocolHasTheSameWordsInBoth() {
    var items = JsonSchema.object(schema.property("listener", "protocols"), "items");

    assertThat(words(items.get("enum"))).isEqualTo(words(EdgeSettings.Protocol.class));
  }

  @Test
  void aDurationIsTheSameInBoth() {
    assertThat(schema.property("limits", "read_timeout").get("pattern"))
        .isEqualTo("^" + Durations.PATTERN.pattern() + "$");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'tunels': []}",
        "{'routes': [{'network': '10.0.0.0/8'}]}",
        "{'routes': [{'network': '10.0.0.0/8', 'via': 'a:1', 'tunnel_id': 'x'}]}",
        "{'routes': [{'via': 'acme:1'}]}",
        "{'tunnels': [{'tunnel_id': 'x', 'name': 'a'}]}",
        "{'mesh': {'listen_port': 70000}}",
        "{'mesh': {'listen_port': '1'}}",
        "{'mesh': {'devices': [{'node_id': 'a', 'name': 'a', 'routes': []}]}}",
        "{'edge': {'certificate': 'file:a'}}",
        "{'edge': {'listeners': [{'protocols': []}]}}",
        "{'loopback': {'hosts': [{}]}}",
        "{'loopback': {'hosts': [{'name': 'a', 'ports': {'http': 1}}]}}",
        "{'loopback': {'hosts': [{'name': 'a', 'ports': {'80': {}}}]}}",
        "{'limits': {'max_connections': 0}}",
        "{'limits': {'connect_timeout': '3'}}",
        "{'bindings': {'A': {'policy': {'rules': [{'allow': '*', 'deny': '*'}]}}}}",
        "{'bindings': {'A': {'policy': {'default': 'maybe'}}}}",
        "{'services': [{'service_id': 'x', 'name': 'a', 'type': 'http', 'host': {}}]}"
      })
  void whatTheSchemaRefusesTheReaderRefuses(String text) {
    var file = DirectoryFile.jsonc(folder).write(text.replace('\'', '"'));

    assertThat(schema.complaints(file.path())).isNotEmpty();
    assertThat(file.complaints()).isNotEmpty();
  }

  private static Set<String> words(Object list) {
    var words = new TreeSet<String>();
    ((List<?>) list).forEach(word -> words.add((String) word));
    return words;
  }

  private static Set<String> words(Class<? extends Enum<?>> type) {
    var words = new TreeSet<String>();
    for (var constant : type.getEnumConstants()) {
      words.add(constant.name().toLowerCase(Locale.ROOT));
    }
    return words;
  }
}

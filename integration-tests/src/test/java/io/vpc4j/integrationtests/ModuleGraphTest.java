package io.vpc4j.integrationtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires.Modifier;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The arrows between the rooms, held to. */
class ModuleGraphTest {

  private static final String TRANSPORT_PROVIDER = "io.vpc4j.core.spi.TransportProvider";

  /** Which of our modules each may require. No library of ours has a transport on the right. */
  private static final Map<String, Set<String>> MAY_REQUIRE =
      Map.of(
          "io.vpc4j.api", Set.of(),
          "io.vpc4j.core", Set.of("io.vpc4j.api"),
          "io.vpc4j.transport.loopback", Set.of("io.vpc4j.api", "io.vpc4j.core"),
          "io.vpc4j.transport.tunnel", Set.of("io.vpc4j.api", "io.vpc4j.core"),
          "io.vpc4j.transport.mesh", Set.of("io.vpc4j.api", "io.vpc4j.core"),
          // the command starts the servers of two transports; fetch finds transports as anybody
          // does
          "io.vpc4j.cli",
              Set.of(
                  "io.vpc4j.api",
                  "io.vpc4j.core",
                  "io.vpc4j.transport.mesh",
                  "io.vpc4j.transport.tunnel"),
          "io.vpc4j.clients", Set.of("io.vpc4j.api"),
          "io.vpc4j.testkit", Set.of("io.vpc4j.api", "io.vpc4j.core"));

  /** The one package of each transport that starts its servers. */
  private static final Map<String, Set<String>> TRANSPORT_MAY_EXPORT =
      Map.of(
          "io.vpc4j.transport.loopback", Set.of(),
          "io.vpc4j.transport.tunnel", Set.of("io.vpc4j.tunnel"),
          "io.vpc4j.transport.mesh", Set.of("io.vpc4j.mesh"));

  private static final Map<String, ModuleDescriptor> OURS = Project.modules();

  @Test
  void theModulesAreTheOnesThatWereDrawn() {
    assertThat(OURS.keySet())
        .as("a module without a line in MAY_REQUIRE has no place in the drawing")
        .isSubsetOf(MAY_REQUIRE.keySet())
        .contains("io.vpc4j.api", "io.vpc4j.core", "io.vpc4j.transport.loopback")
        .contains("io.vpc4j.cli", "io.vpc4j.testkit");
  }

  @Test
  void everyModuleNamesItselfInADescriptor() {
    assertThat(OURS.values())
        .as("a module whose name comes from its file name changes it when the file is renamed")
        .noneMatch(ModuleDescriptor::isAutomatic);
  }

  @Test
  void everyArrowIsOneThatWasDrawn() {
    OURS.forEach(
        (name, module) ->
            assertThat(required(module).filter(OURS::containsKey))
                .as("%s: transports are found by ServiceLoader, and nothing points upward", name)
                .isSubsetOf(MAY_REQUIRE.get(name)));
  }

  @Test
  void theApiNeedsTheJdkAlone() {
    assertThat(OURS.get("io.vpc4j.api").requires())
        .as("an application must be able to compile against it with nothing else on its path")
        .allMatch(
            requires ->
                requires.name().startsWith("java.")
                    || requires.modifiers().contains(Modifier.STATIC));
  }

  @Test
  void aTransportExportsOnlyWhatStartsItsServers() {
    transports()
        .forEach(
            transport ->
                assertThat(transport.exports())
                    .as("%s: its doors are its provider and its servers", transport.name())
                    .extracting(ModuleDescriptor.Exports::source)
                    .isSubsetOf(TRANSPORT_MAY_EXPORT.get(transport.name())));
  }

  @Test
  void aTransportProvidesItselfAndNothingElse() {
    assertThat(transports()).isNotEmpty();
    transports()
        .forEach(
            transport ->
                assertThat(transport.provides())
                    .as("%s: it is found as a provider, in one place", transport.name())
                    .extracting(ModuleDescriptor.Provides::service)
                    .containsExactly(TRANSPORT_PROVIDER));
  }

  @Test
  void onlyCoreLooksForTransports() {
    assertThat(OURS.values())
        .as("transports are found in one place")
        .filteredOn(module -> module.uses().contains(TRANSPORT_PROVIDER))
        .extracting(ModuleDescriptor::name)
        .containsExactly("io.vpc4j.core");
  }

  @Test
  void noModuleRequiresAnAutomaticOne() {
    var automatic =
        ModuleFinder.of(Project.classPath().toArray(Path[]::new)).findAll().stream()
            .map(ModuleReference::descriptor)
            .filter(ModuleDescriptor::isAutomatic)
            .map(ModuleDescriptor::name)
            .collect(Collectors.toSet());

    OURS.forEach(
        (name, module) ->
            assertThat(required(module))
                .as("%s: an automatic module reads everything and cannot be linked", name)
                .doesNotContainAnyElementsOf(automatic));
  }

  private static Stream<ModuleDescriptor> transports() {
    return OURS.values().stream().filter(module -> module.name().startsWith("io.vpc4j.transport."));
  }

  private static Stream<String> required(ModuleDescriptor module) {
    return module.requires().stream().map(ModuleDescriptor.Requires::name);
  }
}

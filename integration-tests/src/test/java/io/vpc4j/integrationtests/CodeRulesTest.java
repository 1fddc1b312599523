package io.vpc4j.integrationtests;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.netty.channel.ChannelHandler;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.core.spi.TransportProvider;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * What classes may not touch, and why; the reason is part of the rule, so that a failure teaches.
 */
class CodeRulesTest {

  /** Those that take octets, calls and the time, and give octets, events and a deadline. */
  private static final String[] ENGINES = {
    "io.vpc4j.core.routing..",
    "io.vpc4j.tunnel.octets..",
    "io.vpc4j.tunnel.rpc..",
    "io.vpc4j.tunnel.session..",
    "io.vpc4j.tunnel.stream..",
    "io.vpc4j.mesh.wireguard..",
    "io.vpc4j.mesh.netstack.."
  };

  private static final JavaClasses OURS = new ClassFileImporter().importPaths(Project.classes());

  // ---- engines

  @Test
  void anEngineCannotWait() {
    hold(
        noClasses()
            .that()
            .resideInAnyPackage(ENGINES)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "java.util.concurrent..", "java.nio.channels..", "java.nio.file..", "io.netty..")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(
                Thread.class,
                java.net.Socket.class,
                java.net.ServerSocket.class,
                java.net.DatagramSocket.class)
            .because("an engine that cannot wait is run a million times a second in a test"));
  }

  @Test
  void anEngineHasNoChanceOfItsOwn() {
    hold(
        noClasses()
            .that()
            .resideInAnyPackage(ENGINES)
            .should()
            .dependOnClassesThat()
            .areAssignableTo(RandomGenerator.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(SecureRandom.class)
            .orShould()
            .callMethod(Math.class, "random")
            .because("chance is an argument: a failure must be repeatable from its seed"));
  }

  // ---- layers

  @Test
  void packagesAreLayersWithoutCycles() {
    slices()
        .assignedFrom(EACH_PACKAGE)
        .should()
        .beFreeOfCycles()
        .because("a reader must be able to begin somewhere")
        .check(OURS);
  }

  @Test
  void nettyIsSeenOnlyWhereOctetsFlow() {
    hold(
        noClasses()
            .that()
            .resideInAnyPackage("io.vpc4j.core.config..", "io.vpc4j.core.json..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty..")
            .because("what is read from a file is values: octets flow in other rooms"));
    hold(
        noClasses()
            .that()
            .resideInAPackage("io.vpc4j.core.directory..")
            .should()
            .dependOnClassesThat(
                resideInAPackage("io.netty..").and(belongToAnyOf(ChannelHandler.class).negate()))
            .because("the directory is values; the one exception is a handler named as a host"));
  }

  @Test
  void configurationDialsNothing() {
    hold(
        noClasses()
            .that()
            .resideInAnyPackage("io.vpc4j.core.config..", "io.vpc4j.core.directory..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.nio.channels..", "java.net.http..")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(java.net.Socket.class, java.net.DatagramSocket.class)
            .because("reading a file must never send a packet"));
  }

  // ---- time

  @Test
  void theClockIsReadInOnePlace() {
    hold(
        noClasses()
            .that(type(Ticker.class).negate())
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(Clock.class, "systemUTC")
            .because("time comes from a Ticker, which a test owns"));
  }

  @Test
  void nobodySleeps() {
    hold(
        noClasses()
            .should()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(Thread.class, "sleep", long.class, int.class)
            .because("a wait is for a condition, with a deadline"));
  }

  // ---- threads and processes

  /** Blocks cannot be seen in a class file; methods can, and nobody waits on a monitor itself. */
  @Test
  void noMonitorIsHeldWhileWaiting() {
    hold(
        noMethods()
            .that()
            .haveModifier(JavaModifier.SYNCHRONIZED)
            .should(callWhere(WAITING))
            .because("waiting inside a monitor pins the carrier of a virtual thread"));
    hold(
        noClasses()
            .should()
            .callMethod(Object.class, "wait")
            .orShould()
            .callMethod(Object.class, "wait", long.class)
            .because("a monitor pins the carrier of a virtual thread; a Condition does not"));
  }

  @Test
  void onlyTheCommandOwnsTheProcess() {
    hold(
        noClasses()
            .that(resideOutsideOfPackage("io.vpc4j.cli.."))
            .should()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .because("a library reports to its caller and to the log"));
  }

  @Test
  void transportsAreFoundInOnePlace() {
    assertThat(OURS)
        .filteredOn(type -> dependsOn(type, ServiceLoader.class))
        .filteredOn(type -> dependsOn(type, TransportProvider.class))
        .as("what is installed is asked once, where a Vpc is put together")
        .singleElement()
        .satisfies(type -> assertThat(type.getPackageName()).isEqualTo("io.vpc4j.core.runtime"));
  }

  private static boolean dependsOn(JavaClass type, Class<?> target) {
    return type.getDirectDependenciesFromSelf().stream()
        .anyMatch(dependency -> dependency.getTargetClass().isEquivalentTo(target));
  }

  private static final DescribedPredicate<JavaMethodCall> WAITING =
      describe(
          "a method that waits",
          call ->
              Set.of(
                          "await",
                          "get",
                          "join",
                          "take",
                          "put",
                          "acquire",
                          "park",
                          "parkNanos",
                          "invokeAll")
                      .contains(call.getName())
                  && call.getTargetOwner().getPackageName().startsWith("java.util.concurrent")
                  && !call.getTargetOwner().getPackageName().endsWith(".atomic")
                  && !call.getTargetOwner().isAssignableTo(Map.class));

  private static ArchCondition<JavaMethod> callWhere(DescribedPredicate<JavaMethodCall> wanted) {
    return new ArchCondition<>("call " + wanted.getDescription()) {
      @Override
      public void check(JavaMethod method, ConditionEvents events) {
        method
            .getMethodCallsFromSelf()
            .forEach(
                call ->
                    events.add(
                        new SimpleConditionEvent(call, wanted.test(call), call.getDescription())));
      }
    };
  }

  /** Some rules are about rooms that are not built yet; they hold from the day they are. */
  private static void hold(ArchRule rule) {
    rule.allowEmptyShould(true).check(OURS);
  }

  /** Two packages that are one room, by the one that stands for both, each with the reason. */
  private static final Map<String, String> ROOMS_WITH_TWO_DOORS =
      Map.of(
          // the spi speaks of the api's types, and the api finds its engine through it
          "io.vpc4j.spi", "io.vpc4j",
          // a route of the directory ends in a hop of the spi, and a transport is opened with the
          // directory
          "io.vpc4j.core.spi", "io.vpc4j.core.directory");

  private static final SliceAssignment EACH_PACKAGE =
      new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
          return SliceIdentifier.of(
              ROOMS_WITH_TWO_DOORS.getOrDefault(type.getPackageName(), type.getPackageName()));
        }

        @Override
        public String getDescription() {
          return "each package";
        }
      };
}

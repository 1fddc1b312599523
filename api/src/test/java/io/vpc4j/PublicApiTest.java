package io.vpc4j;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.lang.reflect.Member;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What applications compile against, as a list that changes only on purpose: a change of the API is
 * a change of {@code public-api.txt} in the same commit. {@code mvn test -pl api
 * -Dvpc4j.api.write=true} writes it anew.
 */
class PublicApiTest {

  private static final Path CLASSES = Path.of(System.getProperty("basedir"), "target/classes");
  private static final Path LISTING =
      Path.of(System.getProperty("basedir"), "src/test/resources/public-api.txt");

  @Test
  void theApiIsTheOneThatIsListed() throws Exception {
    var now = listing();
    if (Boolean.getBoolean("vpc4j.api.write")) {
      Files.createDirectories(LISTING.getParent());
      Files.write(LISTING, now);
    }

    assertThat(now).containsExactlyElementsOf(Files.readAllLines(LISTING));
  }

  @Test
  void nothingButTheJdkIsNeeded() {
    var module = ModuleFinder.of(CLASSES).find("io.vpc4j.api").orElseThrow().descriptor();

    assertThat(module.requires())
        .filteredOn(required -> !required.modifiers().contains(Requires.Modifier.STATIC))
        .extracting(Requires::name)
        .allMatch(name -> name.startsWith("java."));
  }

  private static List<String> listing() throws IOException, ClassNotFoundException {
    var lines = new ArrayList<String>();
    try (Stream<Path> files = Files.walk(CLASSES)) {
      for (var file : files.filter(file -> file.toString().endsWith(".class")).toList()) {
        var name = CLASSES.relativize(file).toString().replace('/', '.').replace(".class", "");
        if (!name.endsWith("-info")) {
          var type = Class.forName(name, false, PublicApiTest.class.getClassLoader());
          if (isSeen(type)) {
            list(type, lines);
          }
        }
      }
    }
    lines.sort(null);
    return lines;
  }

  private static boolean isSeen(Class<?> type) {
    var outer = type.getEnclosingClass();
    return Modifier.isPublic(type.getModifiers()) && (outer == null || isSeen(outer));
  }

  private static void list(Class<?> type, List<String> lines) {
    var parents =
        Stream.concat(Stream.ofNullable(type.getSuperclass()), Arrays.stream(type.getInterfaces()))
            .filter(parent -> parent != Object.class)
            .map(Class::getTypeName)
            .collect(joining(", "));
    lines.add(type.getTypeName() + (parents.isEmpty() ? "" : " : " + parents));
    Arrays.stream(type.getDeclaredFields()).forEach(f -> add(type, f, f.getType(), "", lines));
    Arrays.stream(type.getDeclaredConstructors())
        .forEach(c -> add(type, c, type, parameters(c.getParameterTypes()), lines));
    Arrays.stream(type.getDeclaredMethods())
        .filter(method -> !method.isSynthetic())
        .forEach(m -> add(type, m, m.getReturnType(), parameters(m.getParameterTypes()), lines));
  }

  private static String parameters(Class<?>... types) {
    return Arrays.stream(types).map(Class::getTypeName).collect(joining(", ", "(", ")"));
  }

  private static void add(
      Class<?> owner, Member member, Class<?> type, String parameters, List<String> lines) {
    if ((member.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) != 0
        && !member.isSynthetic()) {
      var name = member.getName().equals(owner.getName()) ? "new" : member.getName();
      var kind = Modifier.isStatic(member.getModifiers()) ? "static " : "";
      lines.add(owner.getTypeName() + " " + kind + name + parameters + " -> " + type.getTypeName());
    }
  }
}

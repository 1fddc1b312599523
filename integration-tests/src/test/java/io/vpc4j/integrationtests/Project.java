package io.vpc4j.integrationtests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * This project as the tests see it: its folders, its sources, and the modules on this class path.
 */
final class Project {

  /** The folder of the root pom. */
  static final Path ROOT = Path.of(System.getProperty("io.vpc4j.root"));

  private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");

  private Project() {}

  /** The folders of the modules that hold code, as the root pom lists them. */
  static List<Path> folders() {
    return MODULE
        .matcher(text(ROOT.resolve("pom.xml")))
        .results()
        .map(module -> ROOT.resolve(module.group(1)))
        .filter(folder -> Files.isDirectory(folder.resolve("src")))
        .toList();
  }

  /** Every Java file below {@code src/main/java} or {@code src/test/java} of any module. */
  static List<Path> sources(String sourceFolder) {
    return folders().stream()
        .map(folder -> folder.resolve(sourceFolder))
        .filter(Files::isDirectory)
        .flatMap(Project::javaFiles)
        .toList();
  }

  /** What this class path holds, all of it. */
  static List<Path> classPath() {
    return Arrays.stream(
            System.getProperty("java.class.path").split(System.getProperty("path.separator")))
        .map(Path::of)
        .toList();
  }

  /** This project's modules by name: all that it publishes. */
  static Map<String, ModuleDescriptor> modules() {
    return ModuleFinder.of(classes().toArray(Path[]::new)).findAll().stream()
        .map(ModuleReference::descriptor)
        .collect(Collectors.toMap(ModuleDescriptor::name, Function.identity()));
  }

  /** The folders with the class files of what this project publishes. */
  static List<Path> classes() {
    return published().stream().map(folder -> folder.resolve("target/classes")).toList();
  }

  /** The folders of the modules that others may depend on. */
  static List<Path> published() {
    return folders().stream()
        .filter(folder -> !text(folder.resolve("pom.xml")).contains("<maven.deploy.skip>true<"))
        .toList();
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<Path> javaFiles(Path folder) {
    try (var files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package io.vpc4j.integrationtests.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.vpc4j.integrationtests.interop.WorkerScene.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * A real Worker: the product page's own {@code fetch} handler and a Worker that does everything
 * else with a binding, in the real {@code workerd}, bound by the real wrangler and Miniflare, or by
 * {@code workerd} alone, whose other side is {@code vpc4j proxy} with a loopback, a tunnel and a
 * mesh behind it. Over the loopback the same rows run with wrangler's own remote side in between:
 * what they want is what the original gives.
 *
 * <p>The packages are those of {@code worker/package-lock.json}. {@code WORKER_PACKAGES=install} in
 * the environment has them installed by npm into {@code target/worker}; once they are there the
 * test runs without it. Everything runs in a network namespace that has loopback alone; where none
 * can be made, the loopback network alone is tried. Where something is missing the test is reported
 * as aborted, with the reason.
 */
@Tag("interop")
class WorkerTest {

  private static final long INSTALL_SECONDS = 300;
  private static final long DEADLINE_SECONDS = 300;

  /** At least so many: those of Miniflare, those of workerd alone, and the page's. */
  private static final int MIN_ROWS = 60;

  private static final Pattern PROGRAM = Pattern.compile("(?s)```js\n(.*?)```");
  private static final Path FOLDER = Path.of("target", "worker").toAbsolutePath();
  private static final List<String> ADDRESSES = List.of("10.0.1.50/32", "10.0.5.42/32");

  @TestFactory
  @Timeout(INSTALL_SECONDS + 30)
  Stream<DynamicNode> aWorkerReachesThePrivateNetwork() throws Exception {
    var missing = missing();
    if (missing != null) {
      return Stream.of(dynamicTest("NOT RUN: " + missing, () -> abort(missing)));
    }
    return Arrays.stream(Network.values())
        .map(network -> dynamicContainer(network.toString(), rows(network)));
  }

  // ---- what it needs

  private static String missing() throws IOException, InterruptedException {
    if (!succeeds(List.of("node", "--version"), 10)) {
      return "there is no node";
    }
    var installed = FOLDER.resolve("installed-lock.json");
    var lock = resource("package-lock.json");
    if (Files.exists(installed) && Files.readString(installed).equals(lock)) {
      return null;
    }
    if (!"install".equals(System.getenv("WORKER_PACKAGES"))) {
      return "the npm packages are not installed; WORKER_PACKAGES=install in the environment has"
          + " them installed (230 MB)";
    }
    Files.createDirectories(FOLDER);
    Files.writeString(FOLDER.resolve("package.json"), resource("package.json"));
    Files.writeString(FOLDER.resolve("package-lock.json"), lock);
    var npm =
        List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error");
    if (!succeeds(npm, INSTALL_SECONDS)) {
      return "npm cannot install the packages; " + FOLDER.resolve("npm.log") + " says why";
    }
    Files.writeString(installed, lock);
    return null;
  }

  private static boolean succeeds(List<String> command, long seconds) throws InterruptedException {
    try {
      Files.createDirectories(FOLDER);
      var process =
          new ProcessBuilder(command)
              .directory(FOLDER.toFile())
              .redirectErrorStream(true)
              .redirectOutput(FOLDER.resolve("npm.log").toFile())
              .start();
      try {
        return process.waitFor(seconds, TimeUnit.SECONDS) && process.exitValue() == 0;
      } finally {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    } catch (IOException e) {
      return false; // there is no such program
    }
  }

  /** A file of the test's resources. */
  static String resource(String name) throws IOException {
    try (var in = WorkerTest.class.getResourceAsStream("/worker/" + name)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  /** The program of {@code docs/workers.md}. */
  private static void writeGuide(Path file) throws IOException {
    var guide =
        Files.readString(Path.of(System.getProperty("io.vpc4j.root"), "docs", "workers.md"));
    var program = PROGRAM.matcher(guide);
    assertThat(program.find()).as("the guide has a program").isTrue();
    Files.createDirectories(file.getParent());
    Files.writeString(file, program.group(1));
  }

  // ---- the rows

  private static Stream<DynamicTest> rows(Network network) {
    var namespace = Namespace.find();
    if (namespace.isEmpty() && network != Network.LOOPBACK) {
      var why = "no network namespace can be made: unshare -n fails";
      return Stream.of(dynamicTest("NOT RUN: " + why, () -> abort(why)));
    }
    var scene =
        RowsProcess.java(
            WorkerScene.class, network.name(), FOLDER.resolve("" + network).toString());
    List<String> printed;
    try {
      writeGuide(FOLDER.resolve("" + network).resolve("dev.mjs"));
      var command = namespace.isEmpty() ? scene : namespace.orElseThrow().run(ADDRESSES, scene);
      printed = RowsProcess.run(command, DEADLINE_SECONDS);
    } catch (IOException | InterruptedException e) {
      return Stream.of(
          dynamicTest(
              "runs",
              () -> {
                throw e;
              }));
    }
    var tests = new ArrayList<DynamicTest>();
    var rows = printed.stream().filter(line -> line.startsWith("row\t")).toList();
    tests.add(
        dynamicTest(
            "every row was run",
            () -> {
              var whole = String.join(System.lineSeparator(), printed);
              assertThat(printed).as(whole).contains("rows are done");
              assertThat(rows).as(whole).hasSizeGreaterThanOrEqualTo(MIN_ROWS);
            }));
    for (var line : rows) {
      var row = line.split("\t", 3);
      tests.add(dynamicTest(row[1], () -> assertThat(row[2]).isEqualTo("ok")));
    }
    return tests.stream();
  }
}

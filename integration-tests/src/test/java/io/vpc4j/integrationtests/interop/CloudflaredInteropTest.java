package io.vpc4j.integrationtests.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * The checklist of {@link Rows} against the real {@code cloudflared}, for each release there is and
 * over each carrier.
 *
 * <p>Releases are the programs that the environment's {@code CLOUDFLARED} lists, with the system's
 * path separator between them, or else the one on the PATH. Each runs with its edge and its
 * services in a network namespace that has loopback alone, so that nothing leaves the machine; that
 * needs Linux, and {@code unshare}. Where something is missing the test is reported as aborted,
 * with the reason. {@link HeavyRows} are run where they are asked for, and those rows alone whose
 * names have {@value #ONLY} in them, where that property is set.
 */
@Tag("interop")
class CloudflaredInteropTest {

  /** The property that asks for some rows alone, by a part of their names. */
  private static final String ONLY = "vpc4j.interop.rows";

  private static final long DEADLINE_SECONDS = 600;
  private static final long HEAVY_DEADLINE_SECONDS = 3_600;
  private static final List<String> CARRIERS = List.of("http2", "quic");

  @TestFactory
  Stream<DynamicNode> theChecklist() {
    var programs = programs();
    var missing = missing(programs);
    if (missing != null) {
      return Stream.of(dynamicTest("NOT RUN: " + missing, () -> abort(missing)));
    }
    return programs.stream()
        .flatMap(
            program ->
                CARRIERS.stream()
                    .map(
                        carrier ->
                            dynamicContainer(
                                program.getFileName() + " over " + carrier,
                                rows(program, carrier))));
  }

  private static List<Path> programs() {
    var named = System.getenv("CLOUDFLARED");
    if (named != null && !named.isBlank()) {
      return Arrays.stream(named.split(File.pathSeparator)).map(Path::of).toList();
    }
    var path = System.getenv().getOrDefault("PATH", "");
    return Arrays.stream(path.split(File.pathSeparator))
        .map(folder -> Path.of(folder).resolve("cloudflared"))
        .filter(Files::isExecutable)
        .limit(1)
        .toList();
  }

  private static String missing(List<Path> programs) {
    if (programs.isEmpty()) {
      return "no cloudflared on the PATH, and CLOUDFLARED names none";
    }
    for (var program : programs) {
      if (!Files.isExecutable(program)) {
        return "CLOUDFLARED names " + program + ", which cannot be run";
      }
    }
    return Namespace.find().isEmpty() ? "no network namespace can be made: unshare -n fails" : null;
  }

  private static Stream<DynamicTest> rows(Path program, String carrier) {
    List<String> printed;
    try {
      printed = run(program, carrier);
    } catch (IOException | InterruptedException e) {
      return Stream.of(
          dynamicTest(
              "runs",
              () -> {
                throw e;
              }));
    }
    var rows = printed.stream().filter(line -> line.startsWith("row\t")).toList();
    var all =
        dynamicTest(
            "every row was run",
            () ->
                assertThat(rows)
                    .as(String.join(System.lineSeparator(), printed))
                    .hasSize(expected()));
    return Stream.concat(
        Stream.of(all),
        rows.stream()
            .map(line -> line.split("\t", 3))
            .map(row -> dynamicTest(row[1], () -> check(row[2]))));
  }

  private static int expected() {
    var only = System.getProperty(ONLY, "");
    return (int) Rows.all().keySet().stream().filter(name -> name.contains(only)).count();
  }

  private static void check(String result) {
    if (result.startsWith(Rows.NOT_IN_THIS_RELEASE)) {
      abort(result);
    }
    assertThat(result).isEqualTo("ok");
  }

  private static List<String> run(Path program, String carrier)
      throws IOException, InterruptedException {
    var heavy = "-D" + HeavyRows.ASKED + "=" + System.getProperty(HeavyRows.ASKED, "");
    var rows =
        RowsProcess.java(
            List.of(heavy), Rows.class, program.toString(), carrier, System.getProperty(ONLY, ""));
    var printed =
        RowsProcess.run(
            Namespace.find().orElseThrow().run(List.of(), rows),
            HeavyRows.isAsked() ? HEAVY_DEADLINE_SECONDS : DEADLINE_SECONDS);
    printed.stream()
        .filter(line -> line.startsWith("note\t"))
        .forEach(
            note ->
                System.out.println(
                    program.getFileName() + " over " + carrier + ": " + note.substring(5)));
    return printed;
  }
}

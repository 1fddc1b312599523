package io.vpc4j.core.config.wrangler;

import io.vpc4j.core.config.ConfigDocument;
import io.vpc4j.core.config.ConfigDocumentException;
import io.vpc4j.core.config.ConfigValue;
import io.vpc4j.core.config.ConfigValue.ArrayValue;
import io.vpc4j.core.config.ConfigValue.ObjectValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import io.vpc4j.core.config.Dialect;
import io.vpc4j.core.config.DuplicateKeys;
import io.vpc4j.core.config.JsonText;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The files under {@code wrangler-corpus}, and what wrangler 4.164.0 answered for each. */
final class Corpus {

  /** One file, asked for one environment. */
  record Run(Path file, int number, ObjectValue expected) {

    String fileName() {
      return file.getFileName().toString();
    }

    boolean expectedOk() {
      return text("ok").equals("true");
    }

    boolean hasFatal() {
      return expected.get("fatal") != null;
    }

    /** A part of the expectation, as JSON. */
    String text(String key) {
      return JsonText.of(Objects.requireNonNull(expected.get(key), key));
    }

    WranglerReader reader() {
      var variables =
          string("cloudflareEnv").map(name -> Map.of("CLOUDFLARE_ENV", name)).orElse(Map.of());
      var reader = WranglerReader.of(variables);
      return string("env").map(reader::environment).orElse(reader);
    }

    Optional<String> string(String key) {
      return expected.get(key) instanceof StringValue string
          ? Optional.of(string.value())
          : Optional.empty();
    }

    @Override
    public String toString() {
      return fileName() + " #" + number;
    }
  }

  private Corpus() {}

  static Path folder() {
    try {
      return Path.of(Objects.requireNonNull(Corpus.class.getResource("/wrangler-corpus")).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  static List<Path> files() throws IOException {
    try (var all = Files.list(folder())) {
      return all.filter(file -> !file.toString().endsWith(".expected.json"))
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .sorted()
          .toList();
    }
  }

  static List<Run> runs() throws IOException, ConfigDocumentException {
    var runs = new ArrayList<Run>();
    for (Path file : files()) {
      var name = file.getFileName().toString();
      var stem = name.substring(0, name.lastIndexOf('.'));
      var expected = file.resolveSibling(stem + ".expected.json");
      var root =
          (ObjectValue)
              ConfigDocument.parse(
                      expected.toString(),
                      Files.readAllBytes(expected),
                      Dialect.JSONC,
                      DuplicateKeys.REFUSED)
                  .root();
      int number = 0;
      for (ConfigValue run : ((ArrayValue) Objects.requireNonNull(root.get("runs"))).elements()) {
        runs.add(new Run(file, number++, (ObjectValue) run));
      }
    }
    return runs;
  }
}

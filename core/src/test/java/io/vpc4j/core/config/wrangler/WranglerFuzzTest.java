package io.vpc4j.core.config.wrangler;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.config.ConfigDocument;
import io.vpc4j.core.config.Dialect;
import io.vpc4j.core.config.DuplicateKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Files of the corpus, tampered with: every one has an answer, and the answer is JSON. */
class WranglerFuzzTest {

  private static final List<String> WORDS =
      List.of(
          "null",
          "\"env\"",
          "[",
          "]",
          "{",
          "}",
          ",",
          ":",
          "\"",
          "1e999",
          "-",
          "\\",
          "\n",
          "[[",
          "=",
          "\"__proto__\"",
          "\"vpc_networks\"",
          "\"binding\"",
          "true",
          "\u00e9",
          "\u0000",
          "//",
          "/*",
          "vars",
          "secrets",
          "\"toString\"",
          "unsafe",
          "'",
          "#",
          "0",
          "previews");

  @Test
  void noFileMakesTheReaderThrow() throws Exception {
    long seed = 20261124;
    var random = new Random(seed);
    var files = Corpus.files();
    var octets = new ArrayList<byte[]>();
    for (var file : files) {
      octets.add(Files.readAllBytes(file));
    }
    int readable = 0;
    for (int i = 0; i < 20_000; i++) {
      int which = random.nextInt(files.size());
      var name = files.get(which).getFileName().toString();
      var tampered = tampered(octets.get(which), random);
      var reader = WranglerReader.of(Map.of());
      reader = random.nextBoolean() ? reader.environment("staging") : reader.environment("s");
      try {
        var config = reader.read(name, tampered);
        readable += config.verdict().fatal().isEmpty() ? 1 : 0;
        var line = CheckReport.line(reader, config).getBytes(StandardCharsets.UTF_8);
        ConfigDocument.parse("report.json", line, Dialect.JSONC, DuplicateKeys.REFUSED);
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError(
            "seed "
                + seed
                + ", case "
                + i
                + ", "
                + name
                + ":\n"
                + new String(tampered, StandardCharsets.ISO_8859_1),
            e);
      }
    }
    assertThat(readable).as("files that were still well formed").isGreaterThan(1000);
  }

  private static byte[] tampered(byte[] octets, Random random) {
    // Latin-1 keeps every octet, and so every malformed sequence.
    var text = new StringBuilder(new String(octets, StandardCharsets.ISO_8859_1));
    for (int i = random.nextInt(3); i >= 0; i--) {
      int from = random.nextInt(text.length() + 1);
      int to = Math.min(text.length(), from + random.nextInt(12));
      var word = WORDS.get(random.nextInt(WORDS.size()));
      switch (random.nextInt(4)) {
        case 0 -> text.insert(from, word);
        case 1 -> text.delete(from, to);
        case 2 -> text.replace(from, to, word);
        default -> text.insert(random.nextInt(text.length() + 1), text.substring(from, to));
      }
    }
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}

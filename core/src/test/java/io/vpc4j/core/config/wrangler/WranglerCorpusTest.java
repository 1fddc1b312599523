package io.vpc4j.core.config.wrangler;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.config.ConfigDocument;
import io.vpc4j.core.config.ConfigDocumentException;
import io.vpc4j.core.config.ConfigValue.NumberValue;
import io.vpc4j.core.config.ConfigValue.ObjectValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import io.vpc4j.core.config.Dialect;
import io.vpc4j.core.config.DuplicateKeys;
import io.vpc4j.core.config.JsonText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every file of the corpus, against what wrangler 4.164.0 answered: the verdict always; the rest
 * for all but parse errors and files that wrangler crashes on.
 */
class WranglerCorpusTest {

  static List<Corpus.Run> runs() throws IOException, ConfigDocumentException {
    return Corpus.runs();
  }

  @Test
  void theCorpusIsWhole() throws Exception {
    assertThat(Corpus.files()).hasSize(182);
    assertThat(Corpus.runs()).hasSize(199);
  }

  @ParameterizedTest
  @MethodSource("runs")
  void answersAsWranglerDoes(Corpus.Run run) throws Exception {
    var reader = run.reader();
    var line = CheckReport.line(reader, reader.read(run.file()));
    assertThat(line).doesNotContain("\n");
    var actual =
        (ObjectValue)
            ConfigDocument.parse(
                    "report.json",
                    line.getBytes(StandardCharsets.UTF_8),
                    Dialect.JSONC,
                    DuplicateKeys.REFUSED)
                .root();
    assertThat(part(actual, "env")).isEqualTo(run.text("env"));
    assertThat(part(actual, "ok")).as(line).isEqualTo(run.text("ok"));
    if (run.hasFatal()) {
      assertThat(part(actual, "config")).isEqualTo("null");
      assertThat(actual.get("fatal")).isNotNull();
      return;
    }
    if (run.fileName().startsWith("crash-")) {
      return;
    }
    for (String key : List.of("config", "errors", "warnings", "meta")) {
      assertThat(part(actual, key)).as(key).isEqualTo(run.text(key));
    }
  }

  /** More than the comparison asks for: what a parser calls the first mistake, and its line. */
  @ParameterizedTest
  @MethodSource("unreadable")
  void namesAMistakeAsWranglersParsersDo(Corpus.Run run) {
    var expected = (ObjectValue) Objects.requireNonNull(run.expected().get("fatal"));
    var problem = run.reader().read(run.file()).verdict().fatal().orElseThrow().problem();
    var message = (StringValue) Objects.requireNonNull(expected.get("message"));
    assertThat(problem.message()).startsWith(message.value());
    // An unclosed comment is placed at its end, not at its start.
    if (!message.value().equals("UnexpectedEndOfComment")) {
      var line = (NumberValue) Objects.requireNonNull(expected.get("line"));
      assertThat(problem.line()).isEqualTo((int) line.value());
    }
  }

  static List<Corpus.Run> unreadable() throws IOException, ConfigDocumentException {
    return Corpus.runs().stream()
        .filter(run -> run.hasFatal() && run.text("fatal").contains("\"stage\":\"read\""))
        .toList();
  }

  private static String part(ObjectValue report, String key) {
    return JsonText.of(Objects.requireNonNull(report.get(key), key));
  }
}

package io.vpc4j.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Utf8Test {

  private static byte[] octets(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  /** The counts are those of the WHATWG decoder. */
  @ParameterizedTest
  @CsvSource({
    "eda080, 3", // an encoded surrogate
    "e080, 2",
    "f09f98, 1", // a character cut short
    "f09061, 1",
    "c080, 2", // an overlong NUL
    "f5808080, 4",
    "f48fbfbf, 0",
    "f4908080, 4",
    "e282, 1",
    "ff, 1",
    "80, 1",
    "c3a9, 0"
  })
  void malformedSequencesBecomeReplacementCharacters(String hex, int replacements) {
    assertThat(Utf8.decode(octets(hex)).chars().filter(c -> c == 0xFFFD).count())
        .isEqualTo(replacements);
  }

  @Test
  void wellFormedTextIsWhatTheJdkMakesOfIt() {
    long seed = 20261124;
    var random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      var text = new StringBuilder();
      for (int j = 0; j < 50; j++) {
        int codePoint = random.nextInt(1 << random.nextInt(1, 22)) % 0x110000;
        text.appendCodePoint(codePoint >= 0xD800 && codePoint < 0xE000 ? 'x' : codePoint);
      }
      text.insert(0, 'x'); // a leading U+FEFF would be dropped
      var octets = text.toString().getBytes(StandardCharsets.UTF_8);
      assertThat(Utf8.decode(octets)).as("seed %s", seed).isEqualTo(text.toString());
    }
  }

  @Test
  void oneLeadingMarkIsDroppedAndNoMore() {
    assertThat(Utf8.decode(octets("efbbbf7b"))).isEqualTo("{");
    assertThat(Utf8.decode(octets("efbbbfefbbbf"))).isEqualTo("\ufeff");
  }

  @ParameterizedTest
  @CsvSource({
    "fffe7b00, UTF-16 LE",
    "feff007b, UTF-16 BE",
    "fffe00007b, UTF-32 LE",
    "0000feff, UTF-32 BE",
    "fffe, UTF-16 LE"
  })
  void theMarksOfOtherEncodingsAreRefused(String hex, String encoding) {
    assertThatThrownBy(
            () ->
                ConfigDocument.parse("m.toml", octets(hex), Dialect.TOML, DuplicateKeys.LAST_WINS))
        .isInstanceOf(ConfigDocumentException.class)
        .hasMessage("Configuration file contains " + encoding + " byte order marker");
  }
}

package io.vpc4j.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vpc4j.core.config.ConfigValue.ArrayValue;
import io.vpc4j.core.config.ConfigValue.NumberValue;
import io.vpc4j.core.config.ConfigValue.ObjectValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsoncReaderTest {

  private static ConfigValue read(String text) throws ConfigDocumentException {
    return new JsoncReader("test.jsonc", text, DuplicateKeys.LAST_WINS).read();
  }

  private static ConfigDocumentException refusal(String text) {
    var refusal = catchThrowableOfType(ConfigDocumentException.class, () -> read(text));
    assertThat(refusal).as(text).isNotNull();
    return refusal;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{} // end",
        "/* a */ {} /* b */",
        "// only\r{}",
        "{\"a\":[1,2,],}",
        "[1,/* c */]",
        "{\r\n\"a\"\r:\t1}",
        "// \u0001\u0000 controls in a comment\n{} /* \u000b */",
        "{\"//\": \"/* no comment */\"}",
        "[\"\u007f\u2028\u00a0\"]",
        "[\"\\/\\b\\f\\n\\r\\t\\\"\\\\\\u0000\"]",
        "[1e400, -0, 1.10e+2, 12345678901234567890, 0.1e-7]",
        "null",
        "\"x\""
      })
  void whatJsoncParserAcceptsIsAccepted(String text) throws Exception {
    assertThat(read(text)).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{a:1}",
        "{'a':1}",
        "#",
        "[NaN]",
        "[Infinity]",
        "[0x1]",
        "[+1]",
        "[01]",
        "[.5]",
        "[1.]",
        "[1e]",
        "[-]",
        "[\"a\nb\"]",
        "[\"a\tb\"]",
        "[\"\u0001\"]",
        "[\"\u0000\"]",
        "[\u0000]",
        "[\u00a01]",
        "[\u20281]",
        "[\f1]",
        "[\u000b1]",
        "\ufeff\ufeff{}",
        "[1,,]",
        "[,]",
        "{,}",
        "{\"a\":1,,}",
        "[1 2]",
        "{} {}",
        "{} x",
        "[1]]",
        "[1},",
        "/* {}",
        "{}/*",
        "{}/",
        "",
        " \n",
        "// nothing",
        "[undefined]",
        "[tru]",
        "[truex]",
        "{\"a\" 1}",
        "{\"a\":}",
        "{\"a\"}",
        "{1:2}",
        "[\"\\q\"]",
        "[\"\\u12G4\"]",
        "[\"abc",
        "[1/]",
        "[--1]",
        "[1-2]",
        "{\"a\":1 \"b\":2}"
      })
  void whatJsoncParserRefusesIsRefused(String text) {
    var refusal = refusal(text);
    assertThat(refusal.reason()).matches("(?s)[A-Z][A-Za-z]+: .*");
    assertThat(refusal.line()).isPositive();
    assertThat(refusal.column()).isPositive();
  }

  @Test
  void aMistakeHasItsParsersCodeAndItsPlace() {
    var refusal = refusal("{\n  \"a\": NaN\n}");
    assertThat(refusal.reason()).isEqualTo("InvalidSymbol: \"NaN\" is not JSON");
    assertThat(refusal.line()).isEqualTo(2);
    assertThat(refusal.column()).isEqualTo(8);
    assertThat(refusal("[1 2]").reason()).startsWith("CommaExpected");
    assertThat(refusal("[1").reason()).startsWith("CloseBracketExpected");
    assertThat(refusal("{\"a\":1").reason()).startsWith("CloseBraceExpected");
    assertThat(refusal("{} []").reason()).startsWith("EndOfFileExpected");
    assertThat(refusal("[\"\\x\"]").reason()).startsWith("InvalidEscapeCharacter");
    assertThat(refusal("[1.e]").reason()).startsWith("UnexpectedEndOfNumber");
    assertThat(refusal("[\"a\u0002\"]").reason()).startsWith("InvalidCharacter");
  }

  @Test
  void keysAndValuesKnowWhereTheyStood() throws Exception {
    var root = (ObjectValue) read("{\n  \"a\": [\n    true, \"x\"] }");
    var member = Objects.requireNonNull(root.members().get("a"));
    assertThat(member.line()).isEqualTo(2);
    assertThat(member.column()).isEqualTo(3);
    assertThat(member.value().column()).isEqualTo(8);
    var second = ((ArrayValue) member.value()).elements().get(1);
    assertThat(second.line()).isEqualTo(3);
    assertThat(second.column()).isEqualTo(11);
  }

  @Test
  void theLastOfTwoEqualKeysWinsInThePlaceOfTheFirst() throws Exception {
    assertThat(JsonText.of(read("{\"a\":1,\"b\":2,\"a\":3}"))).isEqualTo("{\"a\":3,\"b\":2}");
  }

  @Test
  void aStrictReaderNamesBothPlacesOfADuplicateKey() {
    assertThatThrownBy(
            () -> new JsoncReader("d.jsonc", "{\"a\":1,\n \"a\":2}", DuplicateKeys.REFUSED).read())
        .isInstanceOfSatisfying(
            ConfigDocumentException.class,
            e -> {
              assertThat(e.reason()).isEqualTo("the key \"a\" is already set at line 1, column 2");
              assertThat(e.line()).isEqualTo(2);
              assertThat(e.column()).isEqualTo(2);
            });
  }

  @Test
  void loneSurrogatesSurviveAnEscape() throws Exception {
    var string = (StringValue) ((ArrayValue) read("[\"\\ud800x\"]")).elements().get(0);
    assertThat(string.value()).isEqualTo("\ud800x");
  }

  @Test
  void aNumberPastTheDoubleIsInfinite() throws Exception {
    var number = (NumberValue) ((ArrayValue) read("[1e400]")).elements().get(0);
    assertThat(number.value()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(number.wholeNumber()).isEmpty();
  }

  @Test
  void nestingIsBoundedAndCostsNoStack() throws Exception {
    int deepest = ConfigDocument.MAX_DEPTH;
    assertThat(read("[".repeat(deepest) + "]".repeat(deepest)).kind()).isEqualTo("an array");
    assertThat(refusal("[".repeat(deepest + 1)).reason()).contains("deeper than 1000");
    assertThat(refusal("{\"a\":".repeat(1_000_000)).reason()).contains("deeper than 1000");
    assertThat(refusal("[".repeat(10_000_000)).column()).isEqualTo(deepest + 1);
  }

  @Test
  void theNumberOfValuesIsBounded() {
    assertThat(refusal("[" + "1,".repeat(ConfigDocument.MAX_VALUES) + "]").reason())
        .contains("more than 2000000 values");
    assertThat(refusal("[" + "{},".repeat(ConfigDocument.MAX_VALUES) + "]").reason())
        .contains("more than 2000000 values");
  }

  @Test
  void theLengthOfANumberIsBounded() throws Exception {
    assertThat(read("[" + "1".repeat(ConfigDocument.MAX_NUMBER_LENGTH) + "]")).isNotNull();
    assertThat(refusal("[" + "1".repeat(ConfigDocument.MAX_NUMBER_LENGTH + 1) + "]").reason())
        .contains("longer than 10000");
  }

  @Test
  void theSizeOfADocumentIsBounded() {
    var octets = "x".repeat(ConfigDocument.MAX_OCTETS + 1).getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(
            () -> ConfigDocument.parse("big.jsonc", octets, Dialect.JSONC, DuplicateKeys.LAST_WINS))
        .isInstanceOf(ConfigDocumentException.class)
        .hasMessageContaining("larger than 16777216 octets");
  }
}

package io.vpc4j.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTextTest {

  /** What Node.js prints. */
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0.0, 0",
    "1, 1",
    "-1.5, -1.5",
    "1e21, 1e+21",
    "1e20, 100000000000000000000",
    "123456789012345680000, 123456789012345680000",
    "12345678901234567890, 12345678901234567000",
    "9007199254740993, 9007199254740992",
    "1.10e+2, 110",
    "1e-6, 0.000001",
    "1e-7, 1e-7",
    "1.5e-7, 1.5e-7",
    "0.1, 0.1",
    "2e-3, 0.002",
    "5e-324, 5e-324",
    "1.7976931348623157e308, 1.7976931348623157e+308",
    "2.2250738585072014e-308, 2.2250738585072014e-308",
    "5.684341886080802e-14, 5.684341886080802e-14",
    "2.0e-44, 2e-44",
    "1.0e23, 1e+23",
    "9.5367431640625e-7, 9.5367431640625e-7",
    "4.35, 4.35",
    "1e300, 1e+300",
    "-1e-300, -1e-300"
  })
  void numbersArePrintedAsJavaScriptPrintsThem(String literal, String printed) {
    assertThat(JsonText.number(Double.parseDouble(literal))).isEqualTo(printed);
  }

  /** Tries every precision from one digit up and every neighbour, with integers only. */
  private static String slowTwin(double value) {
    if (value == 0) {
      return "0";
    }
    var exact = new BigDecimal(Math.abs(value));
    int exponent = exact.precision() - exact.scale(); // exact = 0.d * 10^exponent
    for (int count = 1; ; count++) {
      var scaled = exact.movePointRight(count - exponent);
      var floor = scaled.setScale(0, RoundingMode.FLOOR).toBigInteger();
      BigInteger best = null;
      for (var digits : new BigInteger[] {floor, floor.add(BigInteger.ONE)}) {
        var candidate = new BigDecimal(digits, count - exponent);
        if (candidate.doubleValue() == Math.abs(value)
            && (best == null || isNearer(scaled, digits, best))) {
          best = digits;
        }
      }
      if (best != null) {
        return layOut(value < 0, best.toString(), exponent + best.toString().length() - count);
      }
    }
  }

  private static boolean isNearer(BigDecimal scaled, BigInteger candidate, BigInteger best) {
    int order =
        new BigDecimal(candidate)
            .subtract(scaled)
            .abs()
            .compareTo(new BigDecimal(best).subtract(scaled).abs());
    return order < 0 || (order == 0 && !candidate.testBit(0));
  }

  private static String layOut(boolean negative, String allDigits, int n) {
    var digits = allDigits.replaceAll("0+$", "");
    int k = digits.length();
    String text;
    if (n > 21 || n <= -6) {
      int e = n - 1;
      text =
          digits.substring(0, 1)
              + (k > 1 ? "." + digits.substring(1) : "")
              + "e"
              + (e < 0 ? "" : "+")
              + e;
    } else {
      text = new BigDecimal(new BigInteger(digits), k - n).toPlainString();
    }
    return negative ? "-" + text : text;
  }

  @Test
  void everyNumberReadsBackAndHasTheFewestDigits() {
    long seed = 42;
    var random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      double value =
          switch (i % 4) {
            case 0 -> Double.longBitsToDouble(random.nextLong());
            case 1 -> Math.scalb(1.0, random.nextInt(-1074, 1024)); // both neighbours unequal
            case 2 -> random.nextInt(-100_000, 100_000) / 1000.0;
            default -> new BigDecimal(random.nextDouble()).round(new MathContext(5)).doubleValue();
          };
      if (Double.isFinite(value)) {
        var printed = JsonText.number(value);
        assertThat(printed).as("seed %s, case %s: %s", seed, i, value).isEqualTo(slowTwin(value));
        assertThat(Double.parseDouble(printed)).isEqualTo(value == 0 ? 0.0 : value);
      }
    }
  }

  @Test
  void stringsAreEscapedAsJavaScriptEscapesThem() {
    assertThat(JsonText.quote("a\"\\/\b\f\n\r\t\u0000\u001f\u007f\u2028\u00e9\ud83d\ude00"))
        .isEqualTo("\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\u007f\u2028\u00e9\ud83d\ude00\"");
    assertThat(JsonText.quote("\ud800")).isEqualTo("\"\\ud800\"");
    assertThat(JsonText.quote("\udc00\ud800")).isEqualTo("\"\\udc00\\ud800\"");
    assertThat(JsonText.quote("\ud83d\ud83d\ude00")).isEqualTo("\"\\ud83d\ud83d\ude00\"");
  }

  @Test
  void keysThatAreArrayIndicesComeFirst() throws Exception {
    var value =
        new JsoncReader(
                "t",
                "{\"b\":1,\"10\":2,\"2\":3,\"01\":4,\"4294967294\":5,\"4294967295\":6,\"-1\":7}",
                DuplicateKeys.LAST_WINS)
            .read();
    assertThat(JsonText.of(value))
        .isEqualTo(
            "{\"2\":3,\"10\":2,\"4294967294\":5,\"b\":1,\"01\":4,\"4294967295\":6,\"-1\":7}");
  }

  @Test
  void whatIsNoNumberInJsonIsNull() {
    assertThat(JsonText.of(new ConfigValue.NumberValue(Double.NaN, 1, 1))).isEqualTo("null");
    assertThat(JsonText.of(new ConfigValue.NumberValue(Double.NEGATIVE_INFINITY, 1, 1)))
        .isEqualTo("null");
  }
}

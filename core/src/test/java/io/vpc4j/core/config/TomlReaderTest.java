package io.vpc4j.core.config;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vpc4j.core.config.ConfigValue.ArrayValue;
import io.vpc4j.core.config.ConfigValue.ObjectValue;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TomlReaderTest {

  private static ConfigValue read(String text) throws ConfigDocumentException {
    return new TomlReader("test.toml", text).read();
  }

  private static String json(String text) throws ConfigDocumentException {
    return JsonText.of(read(text));
  }

  private static ConfigDocumentException refusal(String text) {
    var refusal = catchThrowableOfType(ConfigDocumentException.class, () -> read(text));
    assertThat(refusal).as(text).isNotNull();
    assertThat(refusal.reason()).matches("(?s)(Invalid TOML document: |the document ).*");
    return refusal;
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "a=\"\\e\\x41\\u00e9\\U0001F600\" ; {\"a\":\"\\u001bA\u00e9\ud83d\ude00\"}",
        "a={b=1,\\n # c\\n c=2,\\n} ; {\"a\":{\"b\":1,\"c\":2}}",
        "a={} ; {\"a\":{}}",
        "a=[\\n1, # c\\n2,\\n] ; {\"a\":[1,2]}",
        "a.b.c=1\\na.d=2 ; {\"a\":{\"b\":{\"c\":1},\"d\":2}}",
        "a . \"b c\" . 'd'=1 ; {\"a\":{\"b c\":{\"d\":1}}}",
        "[a.b]\\nc=1\\n[a]\\nd=2 ; {\"a\":{\"b\":{\"c\":1},\"d\":2}}",
        "[[a]]\\nb=1\\n[[a]]\\n[a.c]\\nd=2 ; {\"a\":[{\"b\":1},{\"c\":{\"d\":2}}]}",
        "[[a]]\\n[[a.b]]\\n[[a.b]] ; {\"a\":[{\"b\":[{},{}]}]}",
        "[[a.b]]\\n[a]\\nc=1 ; {\"a\":{\"b\":[{}],\"c\":1}}",
        "[f]\\nx.y=1\\n[f.x.z]\\nw=2 ; {\"f\":{\"x\":{\"y\":1,\"z\":{\"w\":2}}}}",
        "a=0xFF\\nb=0o17\\nc=0b11\\nd=+1_000\\ne=-0 ; {\"a\":255,\"b\":15,\"c\":3,\"d\":1000,\"e\":0}",
        "a=1.5e3\\nb=-0.0\\nc=1_0.2_5\\nd=1e400 ; {\"a\":1500,\"b\":0,\"c\":10.25,\"d\":null}",
        "a=nan\\nb=-inf\\nc=+inf ; {\"a\":null,\"b\":null,\"c\":null}",
        "a=true\\nb=false ; {\"a\":true,\"b\":false}",
        "a=1979-05-27 07:32:00.123456z ; {\"a\":\"1979-05-27T07:32:00.123Z\"}",
        "a=1979-05-27T00:32:00-07:00 ; {\"a\":\"1979-05-27T00:32:00.000-07:00\"}",
        "a=1979-05-27t07:32 ; {\"a\":\"1979-05-27T07:32:00.000\"}",
        "a=07:32\\nb=1979-05-27 ; {\"a\":\"07:32:00.000\",\"b\":\"1979-05-27\"}",
        "a=1979-05-27 # no time ; {\"a\":\"1979-05-27\"}",
        "a='C:\\x' ; {\"a\":\"C:\\\\x\"}",
        "\"\"=1\\n''.a=1 ; FAIL",
        "1=2\\n-=3\\n10=4 ; {\"1\":2,\"10\":4,\"-\":3}",
        "a=1\\r\\nb=2\\r\\n ; {\"a\":1,\"b\":2}",
        "__proto__=1 ; {\"__proto__\":1}"
      },
      delimiter = ';')
  void whatTomlSaysIsRead(String toml, String expected) throws Exception {
    var text = toml.replace("\\n", "\n").replace("\\r", "\r");
    if (expected.equals("FAIL")) {
      refusal(text);
    } else {
      assertThat(json(text)).isEqualTo(expected);
    }
  }

  @Test
  void stringsOfManyLinesAreRead() throws Exception {
    assertThat(json("a=\"\"\"\n x \\\n\n   y\r\n\"\"\"\"\" \n"))
        .isEqualTo("{\"a\":\" x y\\r\\n\\\"\\\"\"}");
    assertThat(json("a='''\nI'll ''x''\n'''")).isEqualTo("{\"a\":\"I'll ''x''\\n\"}");
    assertThat(json("a=''''x'''''")).isEqualTo("{\"a\":\"'x''\"}");
    assertThat(json("a=\"\"\"\"\"\"")).isEqualTo("{\"a\":\"\"}");
    assertThat(json("a=\"\"\"\\  \n  b\"\"\"")).isEqualTo("{\"a\":\"b\"}");
  }

  @Test
  void anEmptyDocumentIsAnEmptyTable() throws Exception {
    assertThat(json("")).isEqualTo("{}");
    assertThat(json("# only a comment")).isEqualTo("{}");
    assertThat(json(" \t\r\n\n")).isEqualTo("{}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a=1\rb=2",
        "a=1 b=2",
        "a=1 #\u0001",
        "\u00e9=1",
        "a=9007199254740992",
        "a=0x20000000000000",
        "a=9223372036854775808",
        "a=-9223372036854775808",
        "a=\"\\q\"",
        "a=\"\\ud800\"",
        "a=\"\\UFFFFFFFF\"",
        "a=\"\\x4\"",
        "a=\"b",
        "a=\"b\nc\"",
        "a='b\nc'",
        "a=\"\u0000\"",
        "a='\u007f'",
        "a='x\ry'",
        "a='''x\ry'''",
        "a='''''''''",
        "a=",
        "a",
        "=1",
        ".a=1",
        "a.=1",
        "a..b=1",
        "a\n.b=1",
        "[]",
        "[a",
        "[a]b",
        "[[a]",
        "[[a] ]",
        "[ [a]]",
        "[a.]",
        "a=[1 2]",
        "a=[1,,2]",
        "a=[,]",
        "a={,}",
        "a={b=1,,c=2}",
        "a={b=1 c=2}",
        "a={b}",
        "a=[",
        "a={",
        "a=01",
        "a=+01",
        "a=1__0",
        "a=_1",
        "a=1_",
        "a=0x",
        "a=0x_1",
        "a=+0x1",
        "a=0X1",
        "a=0b2",
        "a=.5",
        "a=5.",
        "a=1.e5",
        "a=1e",
        "a=1._5",
        "a=1e_5",
        "a=True",
        "a=yes",
        "a=NaN",
        "a=Inf",
        "a=++1",
        "a=1979-13-01",
        "a=1979-02-30",
        "a=24:00:00",
        "a=07:60",
        "a=07:32:60",
        "a=1979-05-27T",
        "a=1979-05-27T07",
        "a=07:32Z",
        "a=1979-05-27Z",
        "a=1979-05-27T07:32:00+24:00",
        "a=1979-05-27 07:32:00.",
        "a=1979-5-27",
        "a=1\na=2",
        "a=1\n\"a\"=2",
        "[a]\n[a]",
        "a=1\n[a]",
        "[[a]]\n[a]",
        "[a]\n[[a]]",
        "a=[]\n[[a]]",
        "a={}\n[a.b]",
        "a={}\na.b=1",
        "a.b=1\n[a]",
        "[a.b]\n[a]\nb.c=1",
        "a=1\na.b=2",
        "a={b=1,b=2}",
        "a={b.c=1,b=2}",
        "[a]\nb.c=1\n[a.b]",
        "[[a.b]]\n[a]\nb=1",
        "\"\"\"a\"\"\"=1",
        "'''a'''=1",
        "\ufeffa=1",
        "a=\u00a01",
        "a=1\u3000"
      })
  void whatTomlRefusesIsRefused(String text) {
    var refusal = refusal(text);
    assertThat(refusal.line()).isPositive();
    assertThat(refusal.column()).isPositive();
  }

  @Test
  void keysAndValuesKnowWhereTheyStood() throws Exception {
    var root = (ObjectValue) read("\n[a]\n  b.c = [ 1,\n 'x' ]\n");
    var a = (ObjectValue) Objects.requireNonNull(root.get("a"));
    assertThat(a.line()).isEqualTo(2);
    var b = Objects.requireNonNull(a.members().get("b"));
    assertThat(b.line()).isEqualTo(3);
    assertThat(b.column()).isEqualTo(3);
    var c = Objects.requireNonNull(((ObjectValue) b.value()).members().get("c"));
    assertThat(c.column()).isEqualTo(5);
    assertThat(c.value().column()).isEqualTo(9);
    var x = ((ArrayValue) c.value()).elements().get(1);
    assertThat(x.line()).isEqualTo(4);
    assertThat(x.column()).isEqualTo(2);
  }

  @Test
  void nestingIsBounded() throws Exception {
    int deepest = ConfigDocument.MAX_DEPTH;
    assertThat(read("a=" + "[".repeat(deepest - 1) + "]".repeat(deepest - 1))).isNotNull();
    for (var text :
        new String[] {
          "a=" + "[".repeat(deepest),
          "a=" + "[".repeat(5_000_000),
          "a=" + "{a=".repeat(1_000_000),
          "a" + ".a".repeat(1_000_000) + "=1",
          "[a" + ".a".repeat(1_000_000) + "]",
          "[[a" + ".a".repeat(deepest - 1) + "]]",
          "[a" + ".a".repeat(deepest - 2) + "]\nb.c=1"
        }) {
      assertThat(refusal(text).reason()).contains("deeper than 1000");
    }
  }

  /** What is nested lies beside it; of tables alone each level costs one frame. */
  @Test
  void nestingCostsLittleOfTheStack() throws Exception {
    int deepest = ConfigDocument.MAX_DEPTH;
    var texts =
        List.of(
            "a=" + "[".repeat(deepest - 1) + "]".repeat(deepest - 1),
            "a=" + "{a=".repeat(deepest - 2) + "1" + "}".repeat(deepest - 2),
            "a" + ".a".repeat(deepest - 2) + "=1");
    var read = new FutureTask<>(() -> texts.stream().map(TomlReaderTest::depth).toList());
    var thread = new Thread(null, read, "of half the usual stack", 512 * 1024);
    thread.start();
    assertThat(read.get(60, SECONDS)).containsOnly(deepest - 1);
  }

  private static int depth(String text) {
    try {
      var value = read(text);
      var depth = 0;
      while (true) {
        var inside =
            value instanceof ObjectValue table
                ? table.get("a")
                : value instanceof ArrayValue array && !array.elements().isEmpty()
                    ? array.elements().get(0)
                    : null;
        if (inside == null) {
          return depth;
        }
        value = inside;
        depth++;
      }
    } catch (ConfigDocumentException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void hugeDocumentsAreReadOrRefusedAtOnce() throws Exception {
    var routes =
        "[[routes]]\nnetwork = \"10.0.0.0/24\"\ntunnel_id = \"550e8400-e29b-41d4-a716-446655440000\"\n"
            .repeat(100_000);
    var root = (ObjectValue) read(routes);
    assertThat(((ArrayValue) Objects.requireNonNull(root.get("routes"))).elements())
        .hasSize(100_000);
    assertThat(refusal("a=[" + "1,".repeat(ConfigDocument.MAX_VALUES) + "]").reason())
        .contains("more than 2000000 values");
    assertThat(refusal("[[a]]\n".repeat(ConfigDocument.MAX_VALUES)).reason())
        .contains("more than 2000000 values");
    assertThat(refusal("a=" + "1".repeat(10_000_000)).reason()).contains("longer than 10000");
    assertThat(refusal("x\n".repeat(5_000_000)).line()).isEqualTo(1);
    assertThat(refusal("a='" + "x".repeat(10_000_000)).reason()).contains("unfinished string");
    assertThat(refusal("]".repeat(10_000_000)).column()).isEqualTo(1);
  }
}

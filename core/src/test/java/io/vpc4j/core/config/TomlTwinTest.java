package io.vpc4j.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.config.ConfigValue.Member;
import io.vpc4j.core.config.ConfigValue.NullValue;
import io.vpc4j.core.config.ConfigValue.NumberValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/** Our reader and tomlj 1.2.0, over documents that have been tampered with. */
class TomlTwinTest {

  private static final String ALPHABET = "[]{}=.,\"'#\n\r\\ \tabexu01_-+:TZe\u00e9\u0001";

  private static final List<String> SEEDS =
      List.of(
          """
          name = "w"
          [[vpc_networks]]
          binding = "A"
          tunnel_id = "t" # c
          [env.s]
          vpc_networks = [ { binding = "A", tunnel_id = "u", }, ]
          """,
          """
          a.b.c=1
          a.d=[1,2.5,'x',"y\\u00e9"]
          [t]
          x={p=1,q.r=2}
          [[u]]
          y='''m
          n'''
          [[u]]
          [u.v]
          z=1979-05-27T07:32:00Z
          k=07:32:00
          'q k'=\"""
           a\\
           b\"""
          [t.s]
          i=0xFF
          j=1_000
          l=-1.5e3
          """,
          """
          [a.b]
          x=true
          [a]
          y=nan
          [[a.c]]
          [[a.c]]
          z={}
          [a.c.d]
          [d.e.f]
          g.h=1
          g.i=-inf
          """);

  /** What the two are known to see differently. */
  private static boolean isKnownDifference(String text, String ours, String theirs) {
    return ours.contains("cannot be represented losslessly") // tomlj has 64-bit integers
        || theirs.contains("Float is too large") // JavaScript has infinity
        || theirs.startsWith("THROWN") // tomlj fails on some bad escapes in keys
        || text.contains("\\'"); // tomlj lets it pass; [TOML] has no such escape
  }

  @Test
  void bothReadersGiveOneAnswer() {
    long seed = 7;
    var random = new Random(seed);
    for (int i = 0; i < 6_000; i++) {
      var text = tampered(SEEDS.get(random.nextInt(SEEDS.size())), random);
      var ours = ours(text);
      var theirs = theirs(text);
      if (!isKnownDifference(text, ours, theirs)) {
        assertThat(ours.startsWith("REFUSED") ? "REFUSED" : ours)
            .as("seed %s, case %s:\n%s\n%s\n%s", seed, i, text, ours, theirs)
            .isEqualTo(theirs.startsWith("REFUSED") ? "REFUSED" : theirs);
      }
    }
  }

  private static String tampered(String seed, Random random) {
    var text = new StringBuilder(seed);
    int times = 1 + random.nextInt(3);
    for (int i = 0; i < times; i++) {
      int at = random.nextInt(text.length());
      char c = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
      switch (random.nextInt(4)) {
        case 0 -> text.insert(at, c);
        case 1 -> text.deleteCharAt(at);
        case 2 -> text.setCharAt(at, c);
        default -> {
          int end = Math.min(text.length(), at + random.nextInt(20));
          text.insert(random.nextInt(text.length() + 1), text.substring(at, end));
        }
      }
    }
    return text.toString();
  }

  private static String ours(String text) {
    try {
      return withoutDates(new TomlReader("t.toml", text).read());
    } catch (ConfigDocumentException e) {
      return "REFUSED " + e.reason();
    }
  }

  private static String theirs(String text) {
    try {
      var parsed = Toml.parse(text);
      return parsed.hasErrors()
          ? "REFUSED " + parsed.errors().get(0).getMessage()
          : withoutDates(tree(parsed));
    } catch (RuntimeException e) {
      return "THROWN " + e;
    }
  }

  /** The two print dates differently; that there is one is what is compared. */
  private static String withoutDates(ConfigValue value) {
    return JsonText.of(value)
        .replaceAll("\"(\\d{4}-\\d\\d-\\d\\d|\\d\\d:\\d\\d)[^\"]*\"", "\"date\"");
  }

  private static ConfigValue tree(Object value) {
    if (value instanceof TomlTable table) {
      var members = new LinkedHashMap<String, Member>();
      for (String key : table.keySet()) {
        members.put(key, new Member(key, 0, 0, tree(table.get(List.of(key)))));
      }
      return new ConfigValue.ObjectValue(members, 0, 0);
    }
    if (value instanceof TomlArray array) {
      var elements = new ArrayList<ConfigValue>();
      for (int i = 0; i < array.size(); i++) {
        elements.add(tree(array.get(i)));
      }
      return new ConfigValue.ArrayValue(elements, 0, 0);
    }
    if (value instanceof Number number) {
      return new NumberValue(number.doubleValue(), 0, 0);
    }
    if (value instanceof Boolean bool) {
      return new ConfigValue.BooleanValue(bool, 0, 0);
    }
    return value == null
        ? new NullValue(0, 0)
        : new ConfigValue.StringValue(value.toString(), 0, 0);
  }
}

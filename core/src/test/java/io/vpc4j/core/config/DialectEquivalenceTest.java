package io.vpc4j.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** One document, written in both dialects, is one tree. */
class DialectEquivalenceTest {

  private static final String CHARACTERS = "ab Z09_-.\"'\\/\t\n\u0001\u007f\u00e9\u4e2d\u2028";

  @Test
  void aDocumentReadsTheSameInBothDialects() throws Exception {
    long seed = 99;
    var random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      var table = table(random, 4);
      var json = json(table, random);
      var toml = new StringBuilder();
      toml(table, List.of(), toml, random);
      var fromJson = JsonText.of(new JsoncReader("d.jsonc", json, DuplicateKeys.REFUSED).read());
      var fromToml = JsonText.of(new TomlReader("d.toml", toml.toString()).read());
      assertThat(sorted(fromToml))
          .as("seed %s, case %s:\n%s\n%s", seed, i, json, toml)
          .isEqualTo(sorted(fromJson));
    }
  }

  // TOML puts a table's tables behind its values, so the order of keys is not compared here.
  private static String sorted(String json) {
    var characters = json.toCharArray();
    Arrays.sort(characters);
    return new String(characters);
  }

  private static Map<String, Object> table(Random random, int depth) {
    var table = new LinkedHashMap<String, Object>();
    var keys = new LinkedHashSet<String>();
    int size = random.nextInt(5);
    while (keys.size() < size) {
      keys.add(random.nextBoolean() ? "k" + random.nextInt(20) : text(random));
    }
    keys.forEach(key -> table.put(key, value(random, depth - 1)));
    return table;
  }

  private static Object value(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 8 : 5)) {
      case 0 -> random.nextBoolean();
      case 1 -> random.nextLong() >> 11 >> random.nextInt(50);
      case 2 -> random.nextInt(-1_000_000, 1_000_000) / 64.0;
      case 3, 4 -> text(random);
      case 5 -> {
        var list = new ArrayList<Object>();
        for (int i = random.nextInt(4); i > 0; i--) {
          list.add(value(random, depth - 1));
        }
        yield list;
      }
      default -> table(random, depth);
    };
  }

  private static String text(Random random) {
    var text = new StringBuilder();
    for (int i = random.nextInt(8); i > 0; i--) {
      text.append(CHARACTERS.charAt(random.nextInt(CHARACTERS.length())));
    }
    return text.toString();
  }

  private static String json(Object value, Random random) {
    var comment = random.nextInt(5) == 0 ? " /* \" */ // x\n" : "";
    if (value instanceof Map<?, ?> table) {
      var out = new StringBuilder(comment + "{");
      table.forEach(
          (key, member) ->
              out.append(JsonText.quote((String) key))
                  .append(": ")
                  .append(json(member, random))
                  .append(","));
      return out.append("}").toString();
    }
    if (value instanceof List<?> list) {
      var out = new StringBuilder("[");
      list.forEach(element -> out.append(json(element, random)).append(" ,\r\n"));
      return out.append("]").toString();
    }
    return value instanceof String string ? JsonText.quote(string) : value.toString();
  }

  /** Values first, then tables: with headers of their own, in braces, or by dotted keys. */
  private static void toml(Map<?, ?> table, List<String> path, StringBuilder out, Random random) {
    var behind = new LinkedHashMap<String, Map<?, ?>>();
    for (var member : table.entrySet()) {
      var key = (String) member.getKey();
      if (member.getValue() instanceof Map<?, ?> inner && random.nextInt(3) > 0) {
        behind.put(key, inner);
      } else if (member.getValue() instanceof Map<?, ?> inner
          && !inner.isEmpty()
          && random.nextBoolean()) {
        inner.forEach(
            (innerKey, value) ->
                out.append(key(key, random))
                    .append(" . ")
                    .append(key((String) innerKey, random))
                    .append(" = ")
                    .append(inline(value, random))
                    .append('\n'));
      } else {
        out.append(key(key, random)).append("=").append(inline(member.getValue(), random));
        out.append(random.nextBoolean() ? " # c\n" : "\r\n");
      }
    }
    for (var member : behind.entrySet()) {
      var inner = new ArrayList<>(path);
      inner.add(member.getKey());
      out.append("[ ");
      var separator = "";
      for (String part : inner) {
        out.append(separator).append(key(part, random));
        separator = ".";
      }
      out.append("]\n");
      toml(member.getValue(), inner, out, random);
    }
  }

  private static String key(String key, Random random) {
    return key.matches("[A-Za-z0-9_-]+") && random.nextBoolean() ? key : quoted(key);
  }

  private static String inline(Object value, Random random) {
    if (value instanceof Map<?, ?> table) {
      var out = new StringBuilder("{");
      var separator = "";
      for (var member : table.entrySet()) {
        out.append(separator).append(key((String) member.getKey(), random));
        out.append("=").append(inline(member.getValue(), random));
        separator = random.nextBoolean() ? "," : "\n,\n";
      }
      return out.append(table.isEmpty() || random.nextBoolean() ? "}" : ",}").toString();
    }
    if (value instanceof List<?> list) {
      var out = new StringBuilder("[");
      list.forEach(element -> out.append(inline(element, random)).append(", # ]\n"));
      return out.append("]").toString();
    }
    if (value instanceof String text) {
      boolean literal =
          text.chars().noneMatch(c -> c == '\'' || (c < ' ' && c != '\t') || c == 127);
      return literal && random.nextBoolean() ? "'" + text + "'" : quoted(text);
    }
    return value.toString();
  }

  /** As JSON, but with DEL escaped: [TOML] wants it. */
  private static String quoted(String text) {
    return JsonText.quote(text).replace("\u007f", "\\u007f");
  }
}

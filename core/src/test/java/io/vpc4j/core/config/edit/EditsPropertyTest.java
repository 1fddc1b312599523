package io.vpc4j.core.config.edit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.config.ConfigDocument;
import io.vpc4j.core.config.ConfigDocumentException;
import io.vpc4j.core.config.Dialect;
import io.vpc4j.core.config.DuplicateKeys;
import io.vpc4j.core.config.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever the text looks like: to edit it and read it is to read it and edit that. */
class EditsPropertyTest {

  private static final long SEED = 20_261_126;
  private static final List<String> KEYS = List.of("a", "b", "c.d", "é \"q\"", "list");

  @ParameterizedTest
  @EnumSource(Dialect.class)
  void editThenReadIsReadThenEdit(Dialect dialect) throws Exception {
    var random = new Random(SEED);
    var done = 0;
    for (int i = 0; i < 6_000; i++) {
      var text = document(dialect, random);
      var seen = "seed " + SEED + ", case " + i + ":\n" + text + "\n";
      var root = Values.of(read(dialect, text).orElseThrow(() -> new AssertionError(seen)));
      var edit = edit(root, random);
      String next;
      try {
        next = Splice.apply(text, edit.splices(Edits.of(dialect, text)));
      } catch (CannotEditException e) {
        var table = dialect == Dialect.TOML && edit.mayMeetATable(); // its header is no value
        assertThat(!table && edit.isPossible(root)).as(seen + edit).isFalse();
        continue;
      }
      var said = read(dialect, next);
      if (!edit.isPossible(root)) {
        assertThat(said).as(seen + edit + "\n" + next).isEmpty(); // the editor refuses it then
        continue;
      }
      edit.on(root);
      assertThat(said).as(seen + edit + "\n" + next).isPresent();
      assertThat(Values.withoutEmpty(Values.of(said.orElseThrow()), edit.path))
          .as(seen + edit + "\n" + next)
          .isEqualTo(Values.withoutEmpty(root, edit.path));
      assertThat(comments(next)).as(seen + edit + "\n" + next).containsAll(edit.kept(text));
      done++;
    }
    assertThat(done).as("edits that were possible").isGreaterThan(4_000);
  }

  @ParameterizedTest
  @EnumSource(Dialect.class)
  void whatWasAddedAndTakenAwayLeavesNoTrace(Dialect dialect) throws Exception {
    var random = new Random(SEED);
    for (int i = 0; i < 3_000; i++) {
      var text = document(dialect, random);
      var root = Values.of(read(dialect, text).orElseThrow());
      var path = List.of("list");
      if (!(((Map<?, ?>) root).get("list") instanceof List<?> list) || list.isEmpty()) {
        continue;
      }
      if (dialect == Dialect.TOML && !text.endsWith("\n")) {
        text += "\n";
      }
      var added =
          Splice.apply(text, Edits.of(dialect, text).append(path, Map.of("new", "element")));
      var back = Splice.apply(added, Edits.of(dialect, added).remove(path, list.size()));

      assertThat(back).as("seed %s, case %s, by way of:\n%s", SEED, i, added).isEqualTo(text);
    }
  }

  /** Whatever a text that can still be read has been through, no edit of it breaks. */
  @ParameterizedTest
  @EnumSource(Dialect.class)
  void aMangledTextIsEditedRightlyOrRefused(Dialect dialect) throws Exception {
    var random = new Random(SEED);
    var readable = 0;
    for (int i = 0; i < 20_000; i++) {
      var text = mangled(document(dialect, random), random);
      var read = read(dialect, text);
      if (read.isEmpty() || !(Values.of(read.orElseThrow()) instanceof Map<?, ?>)) {
        continue;
      }
      readable++;
      var root = Values.of(read.orElseThrow());
      var edit = edit(root, random);
      try {
        Splice.apply(text, edit.splices(Edits.of(dialect, text)));
      } catch (CannotEditException e) {
        assertThat(e.offset()).isBetween(0, text.length());
      }
    }
    assertThat(readable).as("texts that could be read").isGreaterThan(2_000);
  }

  // ---- edits

  /** One edit, for both sides. */
  private record Edit(String kind, List<String> path, int index, Object value, String field) {

    Edit(String kind, List<String> path, int index, Object value) {
      this(kind, path, index, value, "");
    }

    List<Splice> splices(Edits edits) throws CannotEditException {
      return switch (kind) {
        case "append" -> edits.append(path, value);
        case "remove" -> edits.remove(path, index);
        case "set within" -> edits.element(path, index).set(field, value);
        case "unset within" -> edits.element(path, index).unset(field);
        case "append within" -> edits.element(path, index).append(field, value);
        case "remove within" -> edits.element(path, index).remove(field, 0);
        default -> edits.set(path, value);
      };
    }

    void on(Object root) {
      var inner = field.isEmpty() ? root : Values.element(root, path, index);
      switch (kind) {
        case "append" -> Values.append(root, path, value);
        case "remove" -> Values.remove(root, path, index);
        case "set within" -> Values.set(inner, List.of(field), value);
        case "unset within" -> Values.unset(inner, List.of(field));
        case "append within" -> Values.append(inner, List.of(field), value);
        case "remove within" -> Values.remove(inner, List.of(field), 0);
        default -> Values.set(root, path, value);
      }
    }

    /**
     * Whether the values leave room for it: TOML's tables may not, which is for the text to say.
     */
    boolean isPossible(Object root) {
      if (kind.equals("append within")) {
        var there = ((Map<?, ?>) Values.element(root, path, index)).get(field);
        return there == null || there instanceof List<?>;
      }
      if (kind.equals("remove") || kind.endsWith("within")) {
        return true;
      }
      Object at = root;
      for (var key : path.subList(0, path.size() - 1)) {
        if (!(at instanceof Map<?, ?> map)) {
          return false;
        }
        at = map.containsKey(key) ? map.get(key) : Map.of();
      }
      if (!(at instanceof Map<?, ?> holder)) {
        return false;
      }
      var there = holder.get(path.get(path.size() - 1));
      return !kind.equals("append") || there == null || there instanceof List<?>;
    }

    boolean mayMeetATable() {
      return kind.equals("set") || (kind.endsWith("within") && !kind.equals("remove within"));
    }

    /** The comments that no edit of this kind may lose. */
    List<String> kept(String text) {
      return kind.startsWith("append") ? comments(text) : List.of();
    }
  }

  private static Edit edit(Object root, Random random) {
    if (random.nextBoolean()
        && ((Map<?, ?>) root).get("list") instanceof List<?> list
        && !list.isEmpty()) {
      int index = random.nextInt(list.size());
      if (list.get(index) instanceof Map<?, ?> element) {
        return within(element, index, random);
      }
    }
    if (random.nextInt(3) == 0
        && ((Map<?, ?>) root).get("list") instanceof List<?> list
        && !list.isEmpty()) {
      return new Edit("remove", List.of("list"), random.nextInt(list.size()), "");
    }
    var path = new ArrayList<String>();
    do {
      path.add(KEYS.get(random.nextInt(KEYS.size() - 1)));
    } while (random.nextInt(3) == 0);
    if (random.nextBoolean()) {
      if (random.nextBoolean()) {
        path.clear();
        path.add("list");
      }
      var element = new LinkedHashMap<String, Object>();
      element.put("id", "x" + random.nextInt(100));
      if (random.nextBoolean()) {
        element.put("e".repeat(1 + random.nextInt(90)), List.of("1", "\t\"\u007f"));
      }
      return new Edit("append", List.copyOf(path), 0, element);
    }
    return new Edit(
        "set", List.copyOf(path), 0, random.nextBoolean() ? (Object) 7L : "it's \"new\"");
  }

  /** An edit of an element, of a field that it has if the edit needs one. */
  private static Edit within(Map<?, ?> element, int index, Random random) {
    var list = List.of("list");
    var fields = new ArrayList<>(element.keySet());
    var field =
        fields.isEmpty() || random.nextInt(3) == 0
            ? KEYS.get(random.nextInt(KEYS.size()))
            : (String) fields.get(random.nextInt(fields.size()));
    var there = element.get(field);
    if (there instanceof List<?> texts && !texts.isEmpty() && random.nextBoolean()) {
      return new Edit("remove within", list, index, "", field);
    }
    return switch (random.nextInt(there == null ? 2 : 3)) {
      case 0 -> new Edit("set within", list, index, List.of("x", "\t\"'"), field);
      case 1 -> new Edit("append within", list, index, "it's \"new\"", field);
      default -> new Edit("unset within", list, index, "", field);
    };
  }

  // ---- documents

  private static Optional<io.vpc4j.core.config.ConfigValue> read(Dialect dialect, String text) {
    try {
      return Optional.of(
          ConfigDocument.parse(
                  "d", text.getBytes(StandardCharsets.UTF_8), dialect, DuplicateKeys.REFUSED)
              .root());
    } catch (ConfigDocumentException e) {
      return Optional.empty();
    }
  }

  private static List<String> comments(String text) {
    return text.lines()
        .filter(line -> line.contains("COMMENT"))
        .map(line -> line.substring(line.indexOf("COMMENT")).replaceAll("\\D.*", ""))
        .toList();
  }

  private static String mangled(String text, Random random) {
    var out = new StringBuilder(text);
    for (int i = 1 + random.nextInt(3); i > 0 && out.length() > 0; i--) {
      int at = random.nextInt(out.length());
      switch (random.nextInt(3)) {
        case 0 -> out.deleteCharAt(at);
        case 1 -> out.insert(at, "\n,]}[{\"'#/ \r=.".charAt(random.nextInt(14)));
        default -> out.setCharAt(at, " \n\"a,".charAt(random.nextInt(5)));
      }
    }
    return out.toString();
  }

  private static String document(Dialect dialect, Random random) {
    var end = random.nextInt(4) == 0 ? "\r\n" : "\n";
    var text =
        dialect == Dialect.TOML ? toml(random) : blank(random) + json(random) + blank(random);
    return text.replace("\n", end);
  }

  private static String json(Random random) {
    var members = new ArrayList<String>();
    for (var key : KEYS.subList(0, KEYS.size() - 1)) {
      if (random.nextBoolean()) {
        members.add(JsonText.quote(key) + blank(random) + ":" + blank(random) + value(random, 2));
      }
    }
    if (random.nextInt(4) > 0) {
      members.add("\"list\": " + array(random, 2));
    }
    return joined("{", members, "}", random);
  }

  private static String value(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 6 : 3)) {
      case 0 -> "\"// no comment \\\" ]\"";
      case 1 -> "-1.5e3";
      case 2 -> "null";
      case 3 -> array(random, depth);
      default -> {
        var members = new ArrayList<String>();
        for (var key : KEYS.subList(0, random.nextInt(4))) {
          members.add(JsonText.quote(key) + ":" + value(random, depth - 1));
        }
        yield joined("{", members, "}", random);
      }
    };
  }

  private static String array(Random random, int depth) {
    var elements = new ArrayList<String>();
    for (int i = random.nextInt(4); i > 0; i--) {
      elements.add(value(random, depth - 1));
    }
    return joined("[", elements, "]", random);
  }

  private static String joined(String open, List<String> parts, String close, Random random) {
    var out = new StringBuilder(open).append(blank(random));
    for (int i = 0; i < parts.size(); i++) {
      out.append(parts.get(i)).append(blank(random));
      if (i + 1 < parts.size() || random.nextInt(3) == 0) {
        out.append(',').append(blank(random));
      }
    }
    return out.append(close).toString();
  }

  private static String blank(Random random) {
    return switch (random.nextInt(9)) {
      case 0 -> "\n";
      case 1 -> "\n    ";
      case 2 -> " // COMMENT " + random.nextInt(1000) + "\n\t";
      case 3 -> " /* COMMENT " + random.nextInt(1000) + " */ ";
      case 4 -> "/* over\n lines */";
      case 5, 6 -> " ";
      default -> "";
    };
  }

  // ---- TOML

  private static String toml(Random random) {
    var out = new StringBuilder();
    var tables = new ArrayList<String>();
    for (var key : KEYS.subList(0, KEYS.size() - 1)) {
      var name = key.matches("[a-z]") ? key : JsonText.quote(key);
      switch (random.nextInt(6)) {
        case 0 -> out.append(name + " = " + tomlValue(random, 2) + lineEnd(random));
        case 1 -> out.append(name + " . a = " + tomlValue(random, 1) + lineEnd(random));
        case 2 -> tables.add("[ " + name + " ]" + lineEnd(random) + "b = 1" + lineEnd(random));
        case 3 ->
            tables.add(
                "[["
                    + name
                    + "]]"
                    + lineEnd(random)
                    + "b = 1\n["
                    + name
                    + ".sub]\nx = 1"
                    + lineEnd(random));
        default -> {}
      }
    }
    if (random.nextBoolean()) {
      out.append("list = " + tomlArray(random, 2) + lineEnd(random));
    } else {
      for (int i = random.nextInt(4); i > 0; i--) {
        tables.add("[[list]]" + lineEnd(random) + fields(random, i));
      }
    }
    java.util.Collections.shuffle(tables, random);
    tables.forEach(out::append);
    if (random.nextInt(4) == 0 && out.length() > 0 && out.charAt(out.length() - 1) == '\n') {
      out.setLength(out.length() - 1);
    }
    return out.toString();
  }

  private static String fields(Random random, int number) {
    var out = new StringBuilder();
    if (random.nextBoolean()) {
      out.append("  id = '").append(number).append('\'').append(lineEnd(random));
    }
    if (random.nextBoolean()) {
      out.append("a = ").append(tomlArray(random, 1)).append(lineEnd(random));
    }
    if (random.nextInt(4) == 0) {
      out.append("b . x = 1").append(lineEnd(random));
    } else if (random.nextInt(4) == 0) {
      out.append("[list.b]\nx = ").append(tomlValue(random, 1)).append(lineEnd(random));
    }
    return out.toString();
  }

  private static String lineEnd(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> " # COMMENT " + random.nextInt(1000) + "\n";
      case 1 -> "\n\n";
      case 2 -> "\n# COMMENT " + random.nextInt(1000) + "\n";
      default -> "\n";
    };
  }

  private static String tomlValue(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 8 : 5)) {
      case 0 -> "'# no comment ]'";
      case 1 -> "\"\"\"\nover \\\n ''' lines \\\" \"\"\"\"\"";
      case 2 -> "1979-05-27 07:32:00Z";
      case 3 -> "-1_000.5e+3";
      case 4 -> "true";
      case 5 -> tomlArray(random, depth);
      default -> {
        var members = new ArrayList<String>();
        for (var key : KEYS.subList(0, random.nextInt(4))) {
          members.add(JsonText.quote(key) + "=" + tomlValue(random, depth - 1));
        }
        yield tomlJoined("{", members, "}", random);
      }
    };
  }

  private static String tomlArray(Random random, int depth) {
    var elements = new ArrayList<String>();
    for (int i = random.nextInt(4); i > 0; i--) {
      elements.add(tomlValue(random, depth - 1));
    }
    return tomlJoined("[", elements, "]", random);
  }

  private static String tomlJoined(String open, List<String> parts, String close, Random random) {
    var out = new StringBuilder(open).append(tomlBlank(random));
    for (int i = 0; i < parts.size(); i++) {
      out.append(parts.get(i)).append(tomlBlank(random));
      if (i + 1 < parts.size() || random.nextInt(3) == 0) {
        out.append(',').append(tomlBlank(random));
      }
    }
    return out.append(close).toString();
  }

  private static String tomlBlank(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> "\n";
      case 1 -> "\n    ";
      case 2 -> " # COMMENT " + random.nextInt(1000) + "\n\t";
      case 3 -> " ";
      default -> "";
    };
  }
}

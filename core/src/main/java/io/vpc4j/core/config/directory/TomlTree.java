package io.vpc4j.core.config.directory;

import io.vpc4j.Problem.Severity;
import io.vpc4j.core.config.directory.Value.Member;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * TOML 1.1.
 *
 * <p>The parser recurses and keeps a tree of everything, so depth and length are bounded before it
 * sees the file. Its messages quote the file, which may hold secrets, so they are put in other
 * words.
 */
final class TomlTree {

  private static final Pattern UNEXPECTED =
      Pattern.compile("Unexpected .*, expected (.*)", Pattern.DOTALL);

  private TomlTree() {}

  static Optional<Value> read(String text, Problems problems) {
    var tooDeep = TomlDepth.lineDeeperThan(text, DirectoryText.MAX_DEPTH);
    if (tooDeep > 0) {
      problems.add(Severity.ERROR, tooDeep, 0, "", "is nested too deeply");
      return Optional.empty();
    }
    var parsed = Toml.parse(text);
    if (parsed.hasErrors()) {
      // One mistake of syntax makes the parser see others; only the first is sure to be one.
      var first = parsed.errors().get(0);
      problems.add(
          Severity.ERROR,
          first.position().line(),
          first.position().column(),
          "",
          inOtherWords(first));
      return Optional.empty();
    }
    return Optional.of(table(parsed, null));
  }

  private static String inOtherWords(TomlParseError error) {
    var message = String.valueOf(error.getMessage());
    var matcher = UNEXPECTED.matcher(message);
    if (matcher.matches()) {
      return "not valid TOML here; expected " + matcher.group(1);
    }
    return message.contains(" previously defined at ")
        ? Item.shortened(message)
        : "not valid TOML here";
  }

  private static Value table(TomlTable table, @Nullable TomlPosition at) {
    var members = new LinkedHashMap<String, Member>();
    for (var name : table.keySet()) {
      var path = List.of(name);
      var place = table.inputPositionOf(path);
      members.put(name, new Member(value(table.get(path), place), line(place), column(place)));
    }
    return new Value.Table(members, line(at), column(at));
  }

  private static Value value(@Nullable Object value, @Nullable TomlPosition at) {
    if (value instanceof TomlTable table) {
      return table(table, at);
    }
    if (value instanceof TomlArray array) {
      var items = new ArrayList<Value>(array.size());
      for (var i = 0; i < array.size(); i++) {
        items.add(value(array.get(i), array.inputPositionOf(i)));
      }
      return new Value.Sequence(items, line(at), column(at));
    }
    if (value instanceof String text) {
      return new Value.Text(text, line(at), column(at));
    }
    if (value instanceof Number number) {
      return new Value.Amount(number, line(at), column(at));
    }
    if (value instanceof Boolean flag) {
      return new Value.Flag(flag, line(at), column(at));
    }
    return new Value.Other("a date or time", String.valueOf(value), line(at), column(at));
  }

  private static int line(@Nullable TomlPosition at) {
    return at == null ? 0 : at.line();
  }

  private static int column(@Nullable TomlPosition at) {
    return at == null ? 0 : at.column();
  }
}

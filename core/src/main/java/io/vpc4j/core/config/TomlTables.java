package io.vpc4j.core.config;

import io.vpc4j.core.config.ConfigValue.ArrayValue;
import io.vpc4j.core.config.ConfigValue.Member;
import io.vpc4j.core.config.ConfigValue.ObjectValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tables of a document under construction, and who may still add to which. [TOML] Table */
final class TomlTables {

  private static final String TAKEN = "trying to redefine an already defined table or value";

  /**
   * One part of a dotted key.
   *
   * @param name unescaped
   * @param line from 1
   * @param column from 1
   */
  record Key(String name, int line, int column) {}

  /** How a table came about, which decides who may extend it. */
  private enum Origin {
    /** On the way of a header; a header of its own may still come. */
    IMPLIED,
    /** Has had its header, or is the root, or an element of an array of tables. */
    HEADER,
    /** On the way of a dotted key; dotted keys may add to it, and headers to what is below it. */
    DOTTED,
    /** In braces: whole, and closed. */
    INLINE
  }

  /** Something a key can stand for while the document is being read. */
  private sealed interface Node {
    ConfigValue finish();
  }

  private record Value(ConfigValue value) implements Node {
    @Override
    public ConfigValue finish() {
      return value;
    }
  }

  private record Elements(List<Table> tables, int line, int column) implements Node {
    @Override
    public ConfigValue finish() {
      var elements = new ArrayList<ConfigValue>(tables.size());
      for (Table table : tables) {
        elements.add(table.finish());
      }
      return new ArrayValue(Collections.unmodifiableList(elements), line, column);
    }
  }

  private record Slot(Key key, Node node) {}

  /** A table that may still grow. */
  static final class Table implements Node {
    private Origin origin;
    private final int depth;
    private final int line;
    private final int column;
    private final Map<String, Slot> slots = new LinkedHashMap<>(8);

    private Table(Origin origin, int depth, int line, int column) {
      this.origin = origin;
      this.depth = depth;
      this.line = line;
      this.column = column;
    }

    /** Levels from the top: 1 for the root. */
    int depth() {
      return depth;
    }

    @Override
    public ConfigValue finish() {
      var members = new LinkedHashMap<String, Member>(slots.size() * 2);
      for (var slot : slots.values()) { // one frame a level, of up to a thousand
        var key = slot.key;
        members.put(key.name, new Member(key.name, key.line, key.column, slot.node.finish()));
      }
      return new ObjectValue(
          members.isEmpty() ? Map.of() : Collections.unmodifiableMap(members), line, column);
    }
  }

  private final TomlText in;
  private final ReadBudget budget;
  private final Table root = new Table(Origin.HEADER, 1, 1, 1);

  TomlTables(TomlText in, ReadBudget budget) {
    this.in = in;
    this.budget = budget;
  }

  Table root() {
    return root;
  }

  ConfigValue finish() {
    return root.finish();
  }

  Table inline(int depth, int line, int column) {
    return new Table(Origin.INLINE, depth, line, column);
  }

  /** {@code [path]}. */
  Table open(List<Key> path, int line, int column) throws ConfigDocumentException {
    var owner = walkHeader(path);
    var last = path.get(path.size() - 1);
    var slot = owner.slots.get(last.name);
    if (slot == null) {
      return child(owner, last, Origin.HEADER, line, column);
    }
    if (slot.node instanceof Table table && table.origin == Origin.IMPLIED) {
      table.origin = Origin.HEADER;
      return table;
    }
    throw in.fault(last.line, last.column, TAKEN);
  }

  /** {@code [[path]]}. */
  Table append(List<Key> path, int line, int column) throws ConfigDocumentException {
    var owner = walkHeader(path);
    var last = path.get(path.size() - 1);
    var slot = owner.slots.get(last.name);
    Elements elements;
    if (slot == null) {
      budget.value(line, column);
      budget.depth(owner.depth + 1, line, column);
      elements = new Elements(new ArrayList<>(4), line, column);
      owner.slots.put(last.name, new Slot(last, elements));
    } else if (slot.node instanceof Elements more) {
      elements = more;
    } else {
      throw in.fault(last.line, last.column, TAKEN);
    }
    budget.value(line, column);
    budget.depth(owner.depth + 2, line, column);
    var table = new Table(Origin.HEADER, owner.depth + 2, line, column);
    elements.tables.add(table);
    return table;
  }

  /** The table that holds a header's last key. */
  private Table walkHeader(List<Key> path) throws ConfigDocumentException {
    var table = root;
    for (Key key : path.subList(0, path.size() - 1)) {
      var slot = table.slots.get(key.name);
      if (slot == null) {
        table = child(table, key, Origin.IMPLIED, key.line, key.column);
      } else if (slot.node instanceof Table next && next.origin != Origin.INLINE) {
        table = next;
      } else if (slot.node instanceof Elements elements) {
        table = elements.tables.get(elements.tables.size() - 1);
      } else {
        throw in.fault(key.line, key.column, TAKEN);
      }
    }
    return table;
  }

  /** The table that holds a dotted key's last part. */
  Table walkDotted(Table from, List<Key> path) throws ConfigDocumentException {
    var table = from;
    for (Key key : path.subList(0, path.size() - 1)) {
      var slot = table.slots.get(key.name);
      if (slot == null) {
        table = child(table, key, Origin.DOTTED, key.line, key.column);
      } else if (slot.node instanceof Table next && next.origin == Origin.DOTTED) {
        table = next;
      } else {
        throw in.fault(key.line, key.column, TAKEN);
      }
    }
    return table;
  }

  private Table child(Table owner, Key key, Origin origin, int line, int column)
      throws ConfigDocumentException {
    budget.value(line, column);
    budget.depth(owner.depth + 1, line, column);
    var table = new Table(origin, owner.depth + 1, line, column);
    owner.slots.put(key.name, new Slot(key, table));
    return table;
  }

  /** Refuses a key that has a value. */
  void refuseSet(Table owner, Key key) throws ConfigDocumentException {
    if (owner.slots.containsKey(key.name)) {
      throw in.fault(key.line, key.column, TAKEN);
    }
  }

  void put(Table owner, Key key, ConfigValue value) {
    owner.slots.put(key.name, new Slot(key, new Value(value)));
  }
}

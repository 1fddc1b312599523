package io.vpc4j.core.config.directory;

import io.vpc4j.Problem.Severity;
import io.vpc4j.core.config.ConfigValue;
import io.vpc4j.core.config.ConfigValue.ArrayValue;
import io.vpc4j.core.config.ConfigValue.BooleanValue;
import io.vpc4j.core.config.ConfigValue.NumberValue;
import io.vpc4j.core.config.ConfigValue.ObjectValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One value of the file: what it holds, where it stands, and how it complains.
 *
 * <p>Each method that gives an {@link Optional} notes a problem if it gives none. The path is put
 * together only for a complaint; a file may hold 100,000 items that have none.
 */
final class Item {

  private static final Pattern UUID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private static final int MAX_NAME_LENGTH = 256;

  private final Reading reading;
  private final @Nullable Item parent;
  private final String step;
  private final ConfigValue value;

  private Item(Reading reading, @Nullable Item parent, String step, ConfigValue value) {
    this.reading = reading;
    this.parent = parent;
    this.step = step;
    this.value = value;
  }

  /** The whole file. */
  static Item root(Reading reading, ConfigValue value) {
    return new Item(reading, null, "", value);
  }

  // ---- where it stands

  Reading reading() {
    return reading;
  }

  /** Such as {@code services[3].host.ipv4}; empty for the whole file. */
  String path() {
    var steps = new ArrayList<String>();
    for (@Nullable Item at = this; at != null; at = at.parent) {
      steps.add(at.step);
    }
    var path = new StringBuilder();
    for (var i = steps.size() - 1; i >= 0; i--) {
      var next = steps.get(i);
      if (path.length() > 0 && !next.startsWith("[")) {
        path.append('.');
      }
      path.append(next);
    }
    return path.toString();
  }

  /** {@code (line 12)}, or nothing where it is not known. */
  String where() {
    return value.line() > 0 ? " (line " + value.line() + ")" : "";
  }

  void error(String message) {
    note(Severity.ERROR, value.line(), value.column(), message);
  }

  void warning(String message) {
    note(Severity.WARNING, value.line(), value.column(), message);
  }

  private void note(Severity severity, int line, int column, String message) {
    reading.problems.add(severity, line, column, reading.problems.isFull() ? "" : path(), message);
  }

  // ---- what it holds

  boolean isText() {
    return value instanceof StringValue;
  }

  boolean isObject() {
    return value instanceof ObjectValue;
  }

  boolean isFlag() {
    return value instanceof BooleanValue;
  }

  boolean isList() {
    return value instanceof ArrayValue;
  }

  /** Whether it is this text; complains of nothing. */
  boolean holds(String text) {
    return value instanceof StringValue found && found.value().equals(text);
  }

  Optional<String> text() {
    return value instanceof StringValue text ? Optional.of(text.value()) : wrongKind("a string");
  }

  /** A whole number within bounds. */
  Optional<Long> whole(long min, long max) {
    var number = value instanceof NumberValue found ? found.wholeNumber() : OptionalLong.empty();
    if (number.isEmpty()) {
      return wrongKind("a whole number");
    }
    var whole = number.getAsLong();
    if (whole < min || whole > max) {
      error("must be " + min + " to " + max + ", not " + whole);
      return Optional.empty();
    }
    return Optional.of(whole);
  }

  /** As {@link #whole}. */
  Optional<Integer> integer(int min, int max) {
    return whole(min, max).map(Math::toIntExact);
  }

  Optional<Boolean> flag() {
    return value instanceof BooleanValue flag
        ? Optional.of(flag.value())
        : wrongKind("true or false");
  }

  Optional<Duration> duration() {
    if (!isText()) {
      error(Durations.SYNTAX);
      return Optional.empty();
    }
    var duration = text().flatMap(Durations::parse);
    if (duration.isEmpty()) {
      error(Durations.SYNTAX);
    }
    return duration;
  }

  /** The members of a list; none, and the problem noted, if it is none. */
  List<Item> items() {
    if (!(value instanceof ArrayValue array)) {
      wrongKind("an array");
      return List.of();
    }
    var items = new ArrayList<Item>(array.elements().size());
    for (var member : array.elements()) {
      items.add(new Item(reading, this, "[" + items.size() + "]", member));
    }
    return items;
  }

  /** The members of an object, whatever their names; none if it is no object. */
  Map<String, Item> entries() {
    if (!(value instanceof ObjectValue object)) {
      wrongKind("an object");
      return Map.of();
    }
    var entries = new LinkedHashMap<String, Item>();
    object
        .members()
        .forEach(
            (name, member) ->
                entries.put(name, new Item(reading, this, shortened(name), member.value())));
    return entries;
  }

  /** An object of a known shape. What it holds beyond that is noted here. */
  Optional<Section> section(Shape shape) {
    return isObject() ? Optional.of(new Section(this, shape)) : wrongKind("an object");
  }

  /** As maps, lists, strings, numbers and Booleans. */
  Object plain() {
    return Plain.of(value);
  }

  // ---- what it holds, read further

  /** One of an enum's constants, in lower case. */
  <E extends Enum<E>> Optional<E> choice(Class<E> type) {
    var words = new LinkedHashMap<String, E>();
    for (var constant : type.getEnumConstants()) {
      words.put(constant.name().toLowerCase(Locale.ROOT), constant);
    }
    return choice(words.keySet()).map(words::get);
  }

  /** One of some words. */
  Optional<String> choice(Collection<String> words) {
    return text()
        .filter(
            word -> {
              if (words.contains(word)) {
                return true;
              }
              error(
                  "must be one of \""
                      + String.join("\", \"", words.stream().toList())
                      + "\""
                      + reading.problems.hint(word, words));
              return false;
            });
  }

  /** A UUID, as it is written. RFC 9562 4 */
  Optional<String> uuid() {
    return text()
        .filter(
            text -> {
              if (UUID.matcher(text).matches()) {
                return true;
              }
              error("must be a UUID, such as \"f70ff985-a4ef-4643-bbbc-4a0ed4fc8415\"");
              return false;
            });
  }

  /** A name for people, none of {@code known}. */
  Optional<String> newName(Map<String, Item> known) {
    return text()
        .filter(
            name -> {
              if (name.isBlank()
                  || name.length() > MAX_NAME_LENGTH
                  || name.chars().anyMatch(Character::isISOControl)) {
                error("must be 1 to " + MAX_NAME_LENGTH + " characters, none of them a control");
                return false;
              }
              return isNew(name, known);
            });
  }

  /** An address without a prefix length. */
  Optional<IpAddress> address() {
    return text()
        .flatMap(
            text -> {
              var address = IpAddress.parse(text);
              if (address.isEmpty()) {
                error("not an IP address: \"" + shortened(text) + "\"");
              }
              return address;
            });
  }

  /** A prefix; an address alone is the prefix that holds it and nothing else. */
  Optional<Cidr> cidr() {
    return text()
        .flatMap(
            text -> {
              try {
                return Optional.of(Cidr.require(text));
              } catch (IllegalArgumentException e) {
                error(shortened(String.valueOf(e.getMessage())));
                return Optional.empty();
              }
            });
  }

  /**
   * A host name, in lower case and without a final dot.
   *
   * @param complaints what is wrong with one
   */
  Optional<String> hostname(Function<String, List<String>> complaints) {
    return text().flatMap(text -> hostname(text, complaints));
  }

  /** A host name that may have a port, which {@code port} is told. */
  Optional<String> hostnameWithPort(IntConsumer port) {
    return text()
        .flatMap(
            text -> {
              var both = Endpoints.split(text);
              both.ifPresent(split -> port.accept(split.port()));
              return hostname(both.map(Endpoints.HostPort::host).orElse(text), Names::complaints);
            });
  }

  private Optional<String> hostname(String text, Function<String, List<String>> complaints) {
    var found = complaints.apply(text);
    for (var complaint : found) {
      error(
          text.isBlank() ? complaint : "Invalid hostname '" + shortened(text) + "': " + complaint);
    }
    return found.isEmpty() ? Optional.of(Names.normal(text)) : Optional.empty();
  }

  // ---- what it has to do with others

  /** Whether {@code id} is not in {@code known}; then it is put there, as this item's. */
  <K> boolean isNew(K id, Map<K, Item> known) {
    return isNew(id, known, "\"" + id + "\"");
  }

  /** One label that none of {@code known} has. */
  Optional<String> newLabel(Map<String, Item> known) {
    return hostname(Names::oneLabelComplaints).filter(text -> isNew(text, known));
  }

  /** As {@link #isNew(Object, Map)}, with other words for it. */
  <K> boolean isNew(K id, Map<K, Item> known, String words) {
    var first = known.putIfAbsent(id, this);
    if (first != null) {
      error(shortened(words) + " is there already" + first.where());
    }
    return first == null;
  }

  /** Whether {@code id} is one of {@code known}. */
  boolean refersTo(String field, String id, Collection<String> known, String section) {
    if (known.contains(id)) {
      return true;
    }
    error(
        "no "
            + field
            + " \""
            + shortened(id)
            + "\" in "
            + section
            + reading.problems.hint(id, known));
    return false;
  }

  /** As much of {@code text} as fits a message, on one line. */
  static String shortened(String text) {
    var clean =
        text.codePoints().anyMatch(Character::isISOControl)
            ? text.replaceAll("\\p{Cntrl}", "?")
            : text;
    return clean.length() <= 200 ? clean : clean.substring(0, 200) + "…";
  }

  private <T> Optional<T> wrongKind(String wanted) {
    error("must be " + wanted + ", not " + value.kind());
    return Optional.empty();
  }

  /** Notes that a member has no meaning, at its name. */
  void unknown(String name, Collection<String> known) {
    var member = value instanceof ObjectValue object ? object.members().get(name) : null;
    if (member != null) {
      note(
          Severity.ERROR,
          member.line(),
          member.column(),
          "unknown field \"" + shortened(name) + "\"" + reading.problems.hint(name, known));
    }
  }
}

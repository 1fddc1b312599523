package io.vpc4j.core.config.edit;

import io.vpc4j.ConfigurationException;
import io.vpc4j.Problem;
import io.vpc4j.Problem.Origin;
import io.vpc4j.Problem.Severity;
import io.vpc4j.core.config.ConfigDocument;
import io.vpc4j.core.config.ConfigDocumentException;
import io.vpc4j.core.config.ConfigValue;
import io.vpc4j.core.config.ConfigValue.ArrayValue;
import io.vpc4j.core.config.ConfigValue.ObjectValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import io.vpc4j.core.config.Dialect;
import io.vpc4j.core.config.DuplicateKeys;
import io.vpc4j.core.config.directory.DirectoryReader;
import io.vpc4j.core.directory.DirectorySnapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Changes a directory file, {@code .jsonc}, {@code .json} or {@code .toml}.
 *
 * <p>Everything that an edit does not speak of stays, octet for octet: comments, order,
 * indentation, line ends, commas at the end, a byte order mark. What is taken away takes the
 * comment at the end of its last line along; comments on lines of their own stay. What is new is
 * laid out as its neighbours are.
 *
 * <p>Edits gather in memory. {@link #write} checks the whole as a reader of the file would, and
 * puts it in the file's place in one step; until then, and if it throws, the file is as it was. A
 * list is named by its keys, {@code "tunnels"} or {@code "mesh.nodes"}, and is made when something
 * is appended to it. Not safe for use by many threads.
 */
public final class DirectoryEditor {

  private static final String MARK = "\uFEFF";

  private final Path file;
  private final Dialect dialect;
  private final Optional<byte[]> before;
  private final String mark;
  private final DirectorySnapshot snapshot;
  private String text;
  private ConfigValue root;

  private DirectoryEditor(Path file, Optional<byte[]> before) throws ConfigurationException {
    this.file = file;
    this.before = before;
    this.dialect = file.toString().endsWith(".toml") ? Dialect.TOML : Dialect.JSONC;
    var octets = before.orElseGet(() -> dialect == Dialect.TOML ? new byte[0] : octets("{\n}\n"));
    this.snapshot = checked(octets).snapshot().orElseThrow();
    var whole = new String(octets, StandardCharsets.UTF_8);
    this.mark = whole.startsWith(MARK) ? MARK : "";
    this.text = whole.substring(mark.length());
    this.root = parsed(text);
  }

  /**
   * Reads a file to edit it. One that is not there is an empty directory, and made when it is
   * written.
   *
   * @throws ConfigurationException if it has an error, with every problem in it: it must be mended
   *     first
   * @throws IOException if it cannot be read
   */
  public static DirectoryEditor open(Path file) throws ConfigurationException, IOException {
    return new DirectoryEditor(file, FileSwap.read(file));
  }

  // ---- what is there

  /** The file. */
  public Path file() {
    return file;
  }

  /** Whether the file is yet to be made. */
  public boolean isNew() {
    return before.isEmpty();
  }

  /** What it said when it was read, without secrets and certificates that stand elsewhere. */
  public DirectorySnapshot snapshot() {
    return snapshot;
  }

  /** The elements of a list, edits included; none if there is no such list. */
  public List<Element> elements(String list) {
    return value(path(list)) instanceof ArrayValue array
        ? array.elements().stream().map(Element::new).toList()
        : List.of();
  }

  /** Whether a key is set, edits included. */
  public boolean has(String key) {
    return value(path(key)) != null;
  }

  /** The text that a key is set to, edits included; empty if it is not, or to something else. */
  public Optional<String> text(String key) {
    return value(path(key)) instanceof StringValue found
        ? Optional.of(found.value())
        : Optional.empty();
  }

  private @Nullable ConfigValue value(List<String> path) {
    ConfigValue at = root;
    for (var key : path) {
      if (!(at instanceof ObjectValue object)) {
        return null;
      }
      at = object.get(key);
    }
    return at;
  }

  // ---- edits

  /**
   * Adds an element to the end of a list.
   *
   * @throws ConfigurationException if something else stands where the list would be
   */
  public void append(String list, Fields element) throws ConfigurationException {
    var path = path(list);
    var members = element.members();
    edit(
        path, edits -> edits.append(path, members), values -> Values.append(values, path, members));
  }

  /** Takes away the elements of a list that {@code condition} holds for; how many these were. */
  public int removeIf(String list, Predicate<Element> condition) throws ConfigurationException {
    var path = path(list);
    var elements = elements(list);
    var removed = 0;
    // From behind, so that the others keep their numbers.
    for (int i = elements.size() - 1; i >= 0; i--) {
      if (condition.test(elements.get(i))) {
        int index = i;
        edit(
            path, edits -> edits.remove(path, index), values -> Values.remove(values, path, index));
        removed++;
      }
    }
    return removed;
  }

  /** Sets a key to text. */
  public void set(String key, String value) throws ConfigurationException {
    set(path(key), value);
  }

  /** Sets a key to a whole number. */
  public void set(String key, long value) throws ConfigurationException {
    set(path(key), (Object) value);
  }

  /** Sets a key to a list of texts. */
  public void set(String key, List<String> values) throws ConfigurationException {
    set(path(key), (Object) List.copyOf(values));
  }

  /**
   * Makes a list hold just these texts. Those that it has stay where they are, with their comments,
   * and so does what is no text; what is new stands behind them.
   *
   * @return whether anything has changed
   */
  public boolean setTexts(String key, List<String> values) throws ConfigurationException {
    var path = path(key);
    if (!(value(path) instanceof ArrayValue)) {
      set(path, (Object) List.copyOf(values));
      return true;
    }
    return level(
        () -> Element.textsOf(value(path)),
        values,
        index ->
            edit(
                path, edits -> edits.remove(path, index), root -> Values.remove(root, path, index)),
        text ->
            edit(path, edits -> edits.append(path, text), root -> Values.append(root, path, text)));
  }

  // ---- edits of an element

  /**
   * Sets a field of an element of a list to text.
   *
   * @param which the first that this holds for
   * @return whether anything has changed
   * @throws IllegalArgumentException if it holds for none
   */
  public boolean set(String list, Predicate<Element> which, String field, String value)
      throws ConfigurationException {
    var at = find(list, which);
    if (at.element.text(field).equals(Optional.of(value))) {
      return false;
    }
    within(at, edits -> edits.set(field, value), map -> Values.set(map, List.of(field), value));
    return true;
  }

  /** Sets a field of an element of a list to a whole number. */
  public void set(String list, Predicate<Element> which, String field, long value)
      throws ConfigurationException {
    within(
        find(list, which),
        edits -> edits.set(field, value),
        map -> Values.set(map, List.of(field), value));
  }

  /** Takes a field of an element of a list away; whether it was there. */
  public boolean unset(String list, Predicate<Element> which, String field)
      throws ConfigurationException {
    var at = find(list, which);
    if (!at.element.has(field)) {
      return false;
    }
    within(at, edits -> edits.unset(field), map -> Values.unset(map, List.of(field)));
    return true;
  }

  /** Makes the list of texts in a field of an element hold just these, as {@link #setTexts}. */
  public boolean setTexts(String list, Predicate<Element> which, String field, List<String> values)
      throws ConfigurationException {
    var at = find(list, which);
    var path = List.of(field);
    return level(
        () -> find(list, which).element.texts(field),
        values,
        index ->
            within(at, edits -> edits.remove(field, index), map -> Values.remove(map, path, index)),
        text ->
            within(at, edits -> edits.append(field, text), map -> Values.append(map, path, text)));
  }

  /** An element, and where it stands. */
  private record Found(List<String> path, int index, Element element) {}

  private Found find(String list, Predicate<Element> which) {
    var elements = elements(list);
    for (int i = 0; i < elements.size(); i++) {
      if (which.test(elements.get(i))) {
        return new Found(path(list), i, elements.get(i));
      }
    }
    throw new IllegalArgumentException("no such element of " + list);
  }

  /** What an edit of an element is, on the text. */
  private interface ElementEdit {
    List<Splice> splices(ElementEdits edits) throws CannotEditException;
  }

  private void within(Found at, ElementEdit onText, Consumer<Object> onElement)
      throws ConfigurationException {
    edit(
        at.path,
        edits -> onText.splices(edits.element(at.path, at.index)),
        root -> onElement.accept(Values.element(root, at.path, at.index)));
  }

  private interface Change<T> {
    void to(T value) throws ConfigurationException;
  }

  /** Adds what is missing, and takes away what is too much, from behind. */
  private static boolean level(
      Supplier<List<String>> now,
      List<String> wanted,
      Change<Integer> remove,
      Change<String> append)
      throws ConfigurationException {
    var before = now.get();
    var changed = false;
    for (var text : wanted) {
      if (!before.contains(text)) {
        append.to(text);
        changed = true;
      }
    }
    for (int i = before.size() - 1; i >= 0; i--) {
      if (!before.get(i).isEmpty() && !wanted.contains(before.get(i))) {
        remove.to(i);
        changed = true;
      }
    }
    return changed;
  }

  /** Sets a key, which must not be set yet, to an object. */
  public void set(String key, Fields value) throws ConfigurationException {
    if (has(key)) {
      throw new IllegalArgumentException(key + " is set already");
    }
    set(path(key), value.members());
  }

  private void set(List<String> path, Object value) throws ConfigurationException {
    edit(path, edits -> edits.set(path, value), values -> Values.set(values, path, value));
  }

  /** What an edit is, on the text. */
  private interface TextEdit {
    List<Splice> splices(Edits edits) throws CannotEditException;
  }

  private void edit(List<String> path, TextEdit onText, Consumer<Object> onValues)
      throws ConfigurationException {
    String next;
    try {
      next = Splice.apply(text, onText.splices(Edits.of(dialect, text)));
    } catch (CannotEditException e) {
      throw at(e.offset(), String.valueOf(e.getMessage()));
    }
    var nextRoot = parsed(next);
    var expected = Values.of(root);
    onValues.accept(expected);
    var said = Values.withoutEmpty(Values.of(nextRoot), path);
    if (!said.equals(Values.withoutEmpty(expected, path))) {
      throw at(
          0, "\"" + String.join(".", path) + "\" is written in a way that cannot be edited here");
    }
    text = next;
    root = nextRoot;
  }

  private ConfigurationException at(int offset, String message) {
    int line = 1 + (int) text.substring(0, offset).chars().filter(c -> c == '\n').count();
    int column = offset - text.lastIndexOf('\n', offset - 1);
    return refused(line, column, message);
  }

  private ConfigurationException refused(int line, int column, String message) {
    return new ConfigurationException(
        List.of(
            new Problem(Severity.ERROR, Origin.VPC4J, file.toString(), line, column, "", message)));
  }

  // ---- writing

  /** The file as it would be written. */
  public String preview() {
    return mark + text;
  }

  /**
   * Writes the file, if anything has changed.
   *
   * @return the warnings there are about the file as it is now
   * @throws ConfigurationException if the whole has an error, or the file was changed since it was
   *     read; nothing has been written
   * @throws IOException if it cannot be written; it is as it was
   */
  public List<Problem> write() throws ConfigurationException, IOException {
    var octets = octets(preview());
    var result = checked(octets);
    if (before.isPresent() && Arrays.equals(before.orElseThrow(), octets)) {
      return result.problems();
    }
    if (!FileSwap.replace(file, before, octets)) {
      throw refused(
          0, 0, "was changed by somebody else since it was read; nothing has been written");
    }
    return result.problems();
  }

  private DirectoryReader.Result checked(byte[] octets) throws ConfigurationException {
    var result = DirectoryReader.check(file, octets);
    if (result.snapshot().isEmpty()) {
      throw new ConfigurationException(result.problems());
    }
    return result;
  }

  private ConfigValue parsed(String content) throws ConfigurationException {
    try {
      return ConfigDocument.parse(file.toString(), octets(content), dialect, DuplicateKeys.REFUSED)
          .root();
    } catch (ConfigDocumentException e) {
      throw new ConfigurationException(List.of(e.problem(Origin.VPC4J)));
    }
  }

  private static byte[] octets(String content) {
    return content.getBytes(StandardCharsets.UTF_8);
  }

  private static List<String> path(String keys) {
    return List.of(keys.split("\\."));
  }
}

package io.vpc4j.mesh.wireguard.conf;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes a file apart as {@code wg setconf} does: a line is a section, {@code key = value}, or
 * empty; a {@code #} and what follows it is a comment, wherever it stands. wg(8), "configuration
 * file format"
 */
public final class ConfReader {

  /** The most characters that are looked at; 64 KiB would hold 400 peers. */
  public static final int MAX_CHARACTERS = 4 << 20;

  private final Consumer<ConfProblem> problems;
  private final List<ConfSection> sections = new ArrayList<>();
  private final List<ConfEntry> entries = new ArrayList<>();
  private @Nullable String name;
  private int nameLine;

  private ConfReader(Consumer<ConfProblem> problems) {
    this.problems = problems;
  }

  /**
   * The sections in the file's order; whatever is wrong goes to {@code problems} and is left out.
   */
  public static List<ConfSection> read(String text, Consumer<ConfProblem> problems) {
    if (text.length() > MAX_CHARACTERS) {
      problems.accept(
          new ConfProblem(1, "the file has more than " + MAX_CHARACTERS + " characters"));
      return List.of();
    }
    var reader = new ConfReader(problems);
    var lines = (text.startsWith("\uFEFF") ? text.substring(1) : text).lines().toList();
    for (var i = 0; i < lines.size(); i++) {
      reader.line(lines.get(i), i + 1);
    }
    reader.endSection();
    return reader.sections;
  }

  private void line(String raw, int line) {
    var comment = raw.indexOf('#');
    var text = (comment < 0 ? raw : raw.substring(0, comment)).strip();
    if (text.isEmpty()) {
      return;
    }
    if (text.startsWith("[")) {
      section(text, line);
      return;
    }
    var equals = text.indexOf('=');
    if (equals <= 0) {
      problem(line, "neither a section such as [Peer] nor key = value");
    } else if (name == null) {
      problem(line, "a key before the first section; [Interface] is missing above it");
    } else {
      var key = text.substring(0, equals).strip();
      var value = text.substring(equals + 1).strip();
      if (value.isEmpty()) {
        problem(line, key + " has no value");
      } else {
        entries.add(new ConfEntry(key, value, line));
      }
    }
  }

  private void section(String text, int line) {
    endSection();
    if (!text.endsWith("]") || text.length() < 3) {
      problem(line, "a section ends with ]");
      name = null;
      return;
    }
    name = text.substring(1, text.length() - 1).strip();
    nameLine = line;
  }

  private void endSection() {
    if (name != null) {
      sections.add(new ConfSection(name, nameLine, entries));
    }
    entries.clear();
  }

  private void problem(int line, String message) {
    problems.accept(new ConfProblem(line, message));
  }
}

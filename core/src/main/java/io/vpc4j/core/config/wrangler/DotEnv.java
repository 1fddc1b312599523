package io.vpc4j.core.config.wrangler;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The {@code .env} files that wrangler's command line adds to its environment variables.
 *
 * <p>{@code .env}, {@code .env.local} and, where an environment was asked for, {@code .env.NAME}
 * and {@code .env.NAME.local}, all in the working directory; a later file overrides an earlier one,
 * and what the process has overrides them all. A file that is missing, is no file or has more than
 * {@value #MAX_OCTETS} octets counts as empty.
 *
 * <p>Known of the format: comments, {@code export}, {@code KEY=value} and {@code KEY: value}, three
 * kinds of quotes (which may hold line ends), {@code \n} and {@code \r} in double quotes, and
 * {@code $NAME}, {@code ${NAME}}, {@code ${NAME:-default}}.
 */
public final class DotEnv {

  /** The largest file that is read. */
  static final int MAX_OCTETS = 1024 * 1024;

  private static final Pattern REFERENCE =
      Pattern.compile(
          "(?<escape>\\\\)?\\$(?:(?<bare>\\w++)|\\{(?<name>[\\w.]++)(?::?-(?<other>[^{}]*+))?\\})");

  private DotEnv() {}

  /**
   * The process's variables and those of the files.
   *
   * @param environment the environment asked for on the command line
   */
  public static Map<String, String> with(
      Path workingDirectory, Optional<String> environment, Map<String, String> process) {
    var names = new ArrayList<>(List.of(".env", ".env.local"));
    environment.ifPresent(
        name -> {
          names.add(".env." + name);
          names.add(".env." + name + ".local");
        });
    var fromFiles = new LinkedHashMap<String, String>();
    for (String name : names) {
      fromFiles.putAll(parse(content(workingDirectory, name)));
    }
    var all = new HashMap<>(process);
    fromFiles.forEach((name, value) -> all.putIfAbsent(name, expand(value, process, fromFiles)));
    return Map.copyOf(all);
  }

  private static String content(Path folder, String name) {
    try {
      var file = folder.resolve(name);
      if (!Files.isRegularFile(file)) {
        return "";
      }
      try (var in = Files.newInputStream(file)) {
        var octets = in.readNBytes(MAX_OCTETS + 1);
        return octets.length > MAX_OCTETS ? "" : new String(octets, StandardCharsets.UTF_8);
      }
    } catch (IOException | InvalidPathException e) {
      return ""; // wrangler says so in its debug log only
    }
  }

  /** One reference into another's value is followed; what that one refers to is not. */
  private static String expand(
      String value, Map<String, String> process, Map<String, String> fromFiles) {
    return REFERENCE
        .matcher(value)
        .replaceAll(
            match -> {
              if (match.group(1) != null) {
                return Matcher.quoteReplacement(match.group().substring(1));
              }
              var name = match.group(2) != null ? match.group(2) : match.group(3);
              var other = match.group(4) == null ? "" : match.group(4);
              var found = process.getOrDefault(name, fromFiles.getOrDefault(name, ""));
              return Matcher.quoteReplacement(found.isEmpty() ? other : found);
            });
  }

  /** The assignments of one file. A line that is none is passed over. */
  static Map<String, String> parse(String text) {
    var variables = new LinkedHashMap<String, String>();
    var lines = text.replace("\r\n", "\n").replace('\r', '\n');
    int at = 0;
    while (at < lines.length()) {
      int end = lines.indexOf('\n', at);
      end = end < 0 ? lines.length() : end;
      var line = lines.substring(at, end);
      int separator = separator(line);
      if (separator < 0) {
        at = end + 1;
        continue;
      }
      var key = line.substring(0, separator).strip();
      key = key.startsWith("export ") ? key.substring(7).strip() : key;
      int from = at + separator + 1;
      while (from < end && Character.isWhitespace(lines.charAt(from))) {
        from++;
      }
      int close = closingQuote(lines, from);
      String value;
      if (close > 0) {
        value = lines.substring(from + 1, close);
        if (lines.charAt(from) == '"') {
          value = value.replace("\\n", "\n").replace("\\r", "\r");
        }
        int next = lines.indexOf('\n', close);
        end = next < 0 ? lines.length() : next;
      } else {
        int comment = lines.indexOf('#', from);
        value = lines.substring(from, comment >= 0 && comment < end ? comment : end).strip();
      }
      variables.put(key, value);
      at = end + 1;
    }
    return variables;
  }

  /** Where the key ends; -1 if the line is no assignment. */
  private static int separator(String line) {
    var start = line.strip();
    if (start.isEmpty() || start.charAt(0) == '#') {
      return -1;
    }
    int at = line.indexOf('=');
    int colon = line.indexOf(": ");
    at = colon >= 0 && (at < 0 || colon < at) ? colon : at;
    if (at < 0) {
      return -1;
    }
    var key = line.substring(0, at).strip();
    key = key.startsWith("export ") ? key.substring(7).strip() : key;
    boolean named =
        !key.isEmpty()
            && key.chars()
                .allMatch(
                    c ->
                        c == '_'
                            || c == '.'
                            || c == '-'
                            || (c < 0x80 && Character.isLetterOrDigit(c)));
    return named ? at : -1;
  }

  /** Where the quote opened at {@code from} closes; -1 if there is none, or it never does. */
  private static int closingQuote(String text, int from) {
    if (from >= text.length() || "'\"`".indexOf(text.charAt(from)) < 0) {
      return -1;
    }
    char quote = text.charAt(from);
    for (int at = from + 1; at < text.length(); at++) {
      if (text.charAt(at) == quote && text.charAt(at - 1) != '\\') {
        return at;
      }
    }
    return -1;
  }
}

package io.vpc4j;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * The fields of a message, in the order sent, names compared without regard to case.
 *
 * <p>Immutable, and safe to share. A name may occur more than once: {@link #get} joins its values
 * with {@code ", "} as the Fetch standard does, {@link #all} keeps them apart, which {@code
 * Set-Cookie} needs. Names and values are checked by the syntax of RFC 9110 5.1 and 5.5; there is
 * no list of forbidden names. What describes the connection rather than the message ({@code
 * Connection}, {@code Transfer-Encoding} and the like) is the engine's and is not sent from here.
 */
public final class Headers implements Iterable<Map.Entry<String, String>> {

  private static final Headers EMPTY = new Headers(new String[0]);

  private final String[] pairs; // name, value, name, value, ...

  private Headers(String[] pairs) {
    this.pairs = pairs;
  }

  /** No field. */
  public static Headers empty() {
    return EMPTY;
  }

  /**
   * Fields from names and values in turn.
   *
   * @throws IllegalArgumentException if a name or value breaks the syntax, or a value is missing
   */
  public static Headers of(String... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException("a name without a value");
    }
    var headers = new Builder();
    for (var i = 0; i < namesAndValues.length; i += 2) {
      headers.add(namesAndValues[i], namesAndValues[i + 1]);
    }
    return headers.build();
  }

  /**
   * Fields that a decoder has already checked; the array is kept, not copied.
   *
   * @param pairs name and value in turn
   */
  public static Headers ofChecked(String[] pairs) {
    return pairs.length == 0 ? EMPTY : new Headers(pairs);
  }

  /** A builder with no field. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that begins with these fields. */
  public Builder toBuilder() {
    var builder = new Builder();
    builder.pairs.addAll(List.of(pairs));
    return builder;
  }

  /** How many fields there are; a name that occurs twice counts twice. */
  public int size() {
    return pairs.length / 2;
  }

  /** The name of field {@code index}, as it was sent. */
  public String name(int index) {
    return pairs[2 * Objects.checkIndex(index, size())];
  }

  /** The value of field {@code index}. */
  public String value(int index) {
    return pairs[2 * Objects.checkIndex(index, size()) + 1];
  }

  /** All values of {@code name} joined with {@code ", "}; empty if there is none. */
  public Optional<String> get(String name) {
    String found = null;
    for (var i = 0; i < pairs.length; i += 2) {
      if (pairs[i].equalsIgnoreCase(name)) {
        found = found == null ? pairs[i + 1] : found + ", " + pairs[i + 1];
      }
    }
    return Optional.ofNullable(found);
  }

  /** Every value of {@code name}, in order; empty if there is none. */
  public List<String> all(String name) {
    var values = new ArrayList<String>(2);
    for (var i = 0; i < pairs.length; i += 2) {
      if (pairs[i].equalsIgnoreCase(name)) {
        values.add(pairs[i + 1]);
      }
    }
    return List.copyOf(values);
  }

  /** Every {@code Set-Cookie}, in order. */
  public List<String> setCookie() {
    return all("set-cookie");
  }

  /** Whether {@code name} occurs. */
  public boolean has(String name) {
    for (var i = 0; i < pairs.length; i += 2) {
      if (pairs[i].equalsIgnoreCase(name)) {
        return true;
      }
    }
    return false;
  }

  /** Calls {@code action} with every name and value, in order; allocates nothing. */
  public void forEach(BiConsumer<String, String> action) {
    for (var i = 0; i < pairs.length; i += 2) {
      action.accept(pairs[i], pairs[i + 1]);
    }
  }

  @Override
  public Iterator<Map.Entry<String, String>> iterator() {
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < pairs.length;
      }

      @Override
      public Map.Entry<String, String> next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        next += 2;
        return Map.entry(pairs[next - 2], pairs[next - 1]);
      }
    };
  }

  /** Equal when the same fields stand in the same order; names without regard to case. */
  @Override
  public boolean equals(Object other) {
    if (!(other instanceof Headers headers) || headers.pairs.length != pairs.length) {
      return false;
    }
    for (var i = 0; i < pairs.length; i += 2) {
      if (!pairs[i].equalsIgnoreCase(headers.pairs[i])
          || !pairs[i + 1].equals(headers.pairs[i + 1])) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    var hash = 1;
    for (var i = 0; i < pairs.length; i += 2) {
      hash = 31 * hash + pairs[i].toLowerCase(Locale.ROOT).hashCode();
      hash = 31 * hash + pairs[i + 1].hashCode();
    }
    return hash;
  }

  /** A field a line, {@code name: value}; credentials are replaced by {@code ***}. */
  @Override
  public String toString() {
    var text = new StringBuilder();
    forEach(
        (name, value) ->
            text.append(name).append(": ").append(isSecret(name) ? "***" : value).append('\n'));
    return text.toString();
  }

  private static boolean isSecret(String name) {
    return name.equalsIgnoreCase("authorization")
        || name.equalsIgnoreCase("proxy-authorization")
        || name.equalsIgnoreCase("cookie")
        || name.equalsIgnoreCase("set-cookie");
  }

  /** Collects fields. Not safe for use by several threads. */
  public static final class Builder {

    private final ArrayList<String> pairs = new ArrayList<>();

    private Builder() {}

    /**
     * Adds a field behind those there are.
     *
     * @param name a token, RFC 9110 5.6.2
     * @param value white space around it is dropped, RFC 9110 5.5; may hold any character but NUL,
     *     CR and LF. Sent as UTF-8
     * @throws IllegalArgumentException {@code Invalid header name.} or {@code Invalid header
     *     value.}
     */
    public Builder add(String name, String value) {
      checkName(name);
      pairs.add(name);
      pairs.add(checkValue(value));
      return this;
    }

    /** Replaces every field called {@code name} by one, in the place of the first. */
    public Builder set(String name, String value) {
      checkName(name);
      var checked = checkValue(value);
      for (var i = 0; i < pairs.size(); i += 2) {
        if (pairs.get(i).equalsIgnoreCase(name)) {
          pairs.set(i, name);
          pairs.set(i + 1, checked);
          removeFrom(i + 2, name);
          return this;
        }
      }
      pairs.add(name);
      pairs.add(checked);
      return this;
    }

    /** Removes every field called {@code name}. */
    public Builder remove(String name) {
      removeFrom(0, name);
      return this;
    }

    /** The fields so far. */
    public Headers build() {
      return ofChecked(pairs.toArray(String[]::new));
    }

    private void removeFrom(int start, String name) {
      for (var i = pairs.size() - 2; i >= start; i -= 2) {
        if (pairs.get(i).equalsIgnoreCase(name)) {
          pairs.remove(i + 1);
          pairs.remove(i);
        }
      }
    }

    private static void checkName(String name) {
      if (!isToken(name)) {
        throw new IllegalArgumentException("Invalid header name.");
      }
    }

    private static String checkValue(String value) {
      var begin = 0;
      var end = value.length();
      while (begin < end && isBlank(value.charAt(begin))) {
        begin++;
      }
      while (end > begin && isBlank(value.charAt(end - 1))) {
        end--;
      }
      for (var i = begin; i < end; i++) {
        var c = value.charAt(i);
        if (c == 0 || c == '\r' || c == '\n') {
          throw new IllegalArgumentException("Invalid header value.");
        }
      }
      return value.substring(begin, end);
    }

    // The Fetch standard's "HTTP whitespace": it trims newlines at the ends, too.
    private static boolean isBlank(char c) {
      return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }
  }

  /** Whether {@code text} is a token: a name or a method may be. RFC 9110 5.6.2 */
  static boolean isToken(String text) {
    if (text.isEmpty()) {
      return false;
    }
    for (var i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      var letterOrDigit =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!letterOrDigit && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }
}

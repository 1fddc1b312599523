package io.vpc4j.core.config;

import io.vpc4j.core.config.ConfigValue.DateTimeValue;
import io.vpc4j.core.config.ConfigValue.NumberValue;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.regex.Pattern;

/**
 * TOML's numbers and dates. [TOML] Integer, Float, Offset Date-Time, Local Date-Time, Local Date,
 * Local Time
 */
final class TomlScalars {

  private static final long MAX_SAFE_INTEGER = (1L << 53) - 1;

  private static final Pattern DATE_TIME =
      Pattern.compile(
          "(?<date>\\d{4}-\\d{2}-\\d{2})?(?<join>[Tt ])?"
              + "(?<time>(?<hour>\\d{2}):(?<minute>\\d{2})(:(?<second>\\d{2})(?<fraction>\\.\\d+)?)?)?"
              + "(?<zone>[Zz]|[+-](?<zoneHour>\\d{2}):(?<zoneMinute>\\d{2}))?");

  private TomlScalars() {}

  static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  /** Whether it looks like {@code 1979-05-27}. */
  static boolean isDate(String word) {
    if (word.length() != 10) {
      return false;
    }
    for (int i = 0; i < 10; i++) {
      boolean dash = i == 4 || i == 7;
      if (dash ? word.charAt(i) != '-' : !isDigit(word.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** A number or a date, from a bare word that stood at this place. */
  static ConfigValue read(TomlText in, String word, int line, int column)
      throws ConfigDocumentException {
    if (word.length() > ConfigDocument.MAX_NUMBER_LENGTH) {
      throw in.fault(
          line,
          column,
          "a number is longer than " + ConfigDocument.MAX_NUMBER_LENGTH + " characters");
    }
    boolean negative = word.startsWith("-");
    var magnitude = negative || word.startsWith("+") ? word.substring(1) : word;
    if (magnitude.equals("inf") || magnitude.equals("nan")) {
      double value = magnitude.equals("inf") ? Double.POSITIVE_INFINITY : Double.NaN;
      return new NumberValue(negative ? -value : value, line, column);
    }
    boolean dated = isDigit(word.charAt(0)) && (word.indexOf(':') == 2 || isDateFirst(word));
    if (dated) {
      return dateTime(in, word, line, column);
    }
    return number(in, word, line, column);
  }

  private static boolean isDateFirst(String word) {
    return word.length() >= 10 && isDate(word.substring(0, 10));
  }

  private static ConfigValue number(TomlText in, String word, int line, int column)
      throws ConfigDocumentException {
    int radix =
        word.startsWith("0x") ? 16 : word.startsWith("0o") ? 8 : word.startsWith("0b") ? 2 : 0;
    boolean signed = word.startsWith("-") || word.startsWith("+");
    int from = radix != 0 ? 2 : signed ? 1 : 0;
    int end = digits(word, from, radix == 0 ? 10 : radix);
    if (end < 0) {
      throw in.fault(
          line, column, isDigit(word.charAt(0)) || signed ? "invalid number" : "invalid value");
    }
    if (radix == 0 && word.charAt(from) == '0' && end - from > 1) {
      throw in.fault(line, column, "leading zeroes are not allowed");
    }
    if (end == word.length()) {
      return new NumberValue(integer(in, word, radix, line, column), line, column);
    }
    if (radix == 0 && word.charAt(end) == '.') {
      end = digits(word, end + 1, 10);
    }
    if (radix == 0 && end > 0 && end < word.length() && (word.charAt(end) | 0x20) == 'e') {
      boolean exponentSigned = end + 1 < word.length() && "+-".indexOf(word.charAt(end + 1)) >= 0;
      end = digits(word, end + (exponentSigned ? 2 : 1), 10);
    }
    if (end != word.length()) {
      throw in.fault(line, column, "invalid number");
    }
    return new NumberValue(Double.parseDouble(word.replace("_", "")), line, column);
  }

  /** Where digits with single underscores between them end; -1 if there are none. */
  private static int digits(String word, int from, int radix) {
    int at = from;
    while (at < word.length()) {
      char c = word.charAt(at);
      boolean joins = c == '_' && at > from && at + 1 < word.length() && word.charAt(at + 1) != '_';
      if (!joins && Character.digit(c, radix) < 0) {
        break;
      }
      at++;
    }
    return at == from || word.charAt(at - 1) == '_' ? -1 : at;
  }

  private static double integer(TomlText in, String word, int radix, int line, int column)
      throws ConfigDocumentException {
    var digits = word.substring(radix == 0 ? 0 : 2).replace("_", "");
    try {
      long value = Long.parseLong(digits, radix == 0 ? 10 : radix);
      if (Math.abs(value) <= MAX_SAFE_INTEGER && value != Long.MIN_VALUE) {
        return value;
      }
    } catch (NumberFormatException e) {
      // More than 64 bits; the grammar has been checked, so it can be nothing else.
    }
    throw in.fault(line, column, "integer value cannot be represented losslessly");
  }

  /** As the JavaScript reader prints it: seconds always, milliseconds always, no more than that. */
  private static ConfigValue dateTime(TomlText in, String word, int line, int column)
      throws ConfigDocumentException {
    var parts = DATE_TIME.matcher(word);
    if (!parts.matches()) {
      throw in.fault(line, column, "invalid value");
    }
    var date = parts.group("date");
    var time = parts.group("time");
    var zone = parts.group("zone");
    boolean joined = parts.group("join") != null;
    if (joined != (date != null && time != null) || (zone != null && !joined)) {
      throw in.fault(line, column, "invalid value");
    }
    var text = new StringBuilder();
    if (date != null) {
      try {
        text.append(LocalDate.parse(date));
      } catch (DateTimeException e) {
        throw in.fault(line, column, "invalid date");
      }
    }
    if (time != null) {
      var second = parts.group("second") == null ? "00" : parts.group("second");
      var hour = parts.group("hour");
      var minute = parts.group("minute");
      if (hour.compareTo("23") > 0 || minute.compareTo("59") > 0 || second.compareTo("59") > 0) {
        throw in.fault(line, column, "invalid time");
      }
      var fraction = parts.group("fraction") == null ? "." : parts.group("fraction");
      text.append(joined ? "T" : "").append(hour).append(':').append(minute).append(':');
      text.append(second).append((fraction + "000").substring(0, 4));
    }
    if (zone != null) {
      var zoneHour = parts.group("zoneHour");
      if (zoneHour != null
          && (zoneHour.compareTo("23") > 0 || parts.group("zoneMinute").compareTo("59") > 0)) {
        throw in.fault(line, column, "invalid offset");
      }
      text.append(zoneHour == null ? "Z" : zone);
    }
    return new DateTimeValue(text.toString(), line, column);
  }
}

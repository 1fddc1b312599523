package io.vpc4j.core.config;

import io.vpc4j.core.config.ConfigValue.ArrayValue;
import io.vpc4j.core.config.ConfigValue.BooleanValue;
import io.vpc4j.core.config.ConfigValue.DateTimeValue;
import io.vpc4j.core.config.ConfigValue.Member;
import io.vpc4j.core.config.ConfigValue.NumberValue;
import io.vpc4j.core.config.ConfigValue.ObjectValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Values as {@code JSON.stringify} writes them: no spaces, JavaScript's numbers. [ECMA] 25.5.2 */
public final class JsonText {

  private static final HexFormat HEX = HexFormat.of();

  private JsonText() {}

  /** A value and all in it. Keys in JavaScript's order: see {@link #inPropertyOrder}. */
  public static String of(ConfigValue value) {
    return of(value, key -> true);
  }

  /** A value and all in it, leaving out the keys that {@code kept} does not want. */
  public static String of(ConfigValue value, Predicate<String> kept) {
    var out = new StringBuilder();
    write(value, kept, out);
    return out.toString();
  }

  private static void write(ConfigValue value, Predicate<String> kept, StringBuilder out) {
    if (value instanceof ObjectValue object) {
      var separator = '{';
      for (Member member : inPropertyOrder(object.members().values())) {
        if (kept.test(member.key())) {
          quote(member.key(), out.append(separator));
          write(member.value(), kept, out.append(':'));
          separator = ',';
        }
      }
      out.append(separator == '{' ? "{}" : "}");
    } else if (value instanceof ArrayValue array) {
      var separator = '[';
      for (ConfigValue element : array.elements()) {
        write(element, kept, out.append(separator));
        separator = ',';
      }
      out.append(separator == '[' ? "[]" : "]");
    } else if (value instanceof StringValue string) {
      quote(string.value(), out);
    } else if (value instanceof DateTimeValue dateTime) {
      quote(dateTime.text(), out);
    } else if (value instanceof NumberValue number) {
      out.append(Double.isFinite(number.value()) ? number(number.value()) : "null");
    } else if (value instanceof BooleanValue bool) {
      out.append(bool.value());
    } else {
      out.append("null");
    }
  }

  /**
   * The order in which JavaScript lists an object's keys: array indices first, ascending, then the
   * rest as they came. [ECMA] 10.1.11.1
   */
  public static Collection<Member> inPropertyOrder(Collection<Member> members) {
    if (members.stream().noneMatch(member -> arrayIndex(member.key()) >= 0)) {
      return members;
    }
    List<Member> ordered = new ArrayList<>(members);
    ordered.sort(
        Comparator.comparingLong(
            member -> {
              long index = arrayIndex(member.key());
              return index < 0 ? Long.MAX_VALUE : index;
            }));
    return ordered;
  }

  /** The array index a key is, or -1: canonical decimal, 0 to 2^32 - 2. [ECMA] 6.1.7 */
  public static long arrayIndex(String key) {
    int length = key.length();
    if (length == 0 || length > 10 || (length > 1 && key.charAt(0) == '0')) {
      return -1;
    }
    long index = 0;
    for (int i = 0; i < length; i++) {
      int digit = key.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      index = index * 10 + digit;
    }
    return index <= 0xFFFF_FFFEL ? index : -1;
  }

  /** A string in quotes, escaped only where JavaScript escapes. [ECMA] 25.5.2.3 */
  public static String quote(String text) {
    var out = new StringBuilder(text.length() + 2);
    quote(text, out);
    return out.toString();
  }

  private static void quote(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\b' -> out.append("\\b");
        case '\t' -> out.append("\\t");
        case '\n' -> out.append("\\n");
        case '\f' -> out.append("\\f");
        case '\r' -> out.append("\\r");
        default -> {
          if (c < ' ' || isLoneSurrogate(text, i)) {
            out.append("\\u").append(HEX.toHexDigits(c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  private static boolean isLoneSurrogate(String text, int at) {
    char c = text.charAt(at);
    if (Character.isHighSurrogate(c)) {
      return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
    }
    return Character.isLowSurrogate(c)
        && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
  }

  /** A number as JavaScript prints it: the shortest digits that read back. [ECMA] 6.1.6.1.20 */
  public static String number(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "Infinity" : "-Infinity";
    }
    if (Math.rint(value) == value && Math.abs(value) <= 9_007_199_254_740_992.0) {
      return Long.toString((long) value); // zero loses its sign here, as it should
    }
    var magnitude = shortest(Math.abs(value));
    var digits = magnitude.unscaledValue().toString();
    int exponent = digits.length() - magnitude.scale(); // value = 0.digits * 10^exponent
    return (value < 0 ? "-" : "") + positional(digits, exponent);
  }

  private static String positional(String digits, int exponent) {
    int count = digits.length();
    if (count <= exponent && exponent <= 21) {
      return digits + "0".repeat(exponent - count);
    }
    if (0 < exponent && exponent <= 21) {
      return digits.substring(0, exponent) + "." + digits.substring(exponent);
    }
    if (-6 < exponent && exponent <= 0) {
      return "0." + "0".repeat(-exponent) + digits;
    }
    int power = exponent - 1;
    return digits.charAt(0)
        + (count == 1 ? "" : "." + digits.substring(1))
        + (power < 0 ? "e-" : "e+")
        + Math.abs(power);
  }

  /**
   * The fewest digits that read back as {@code value}, and of those the nearest. The JDK's own
   * digits are where the search begins: before 19 they can be one too many.
   */
  private static BigDecimal shortest(double value) {
    var exact = new BigDecimal(value);
    int precision = new BigDecimal(Double.toString(value)).stripTrailingZeros().precision();
    var best = nearest(exact, value, precision);
    while (best == null) {
      best = nearest(exact, value, ++precision);
    }
    while (precision > 1) {
      var shorter = nearest(exact, value, --precision);
      if (shorter == null) {
        break;
      }
      best = shorter;
    }
    return best.stripTrailingZeros();
  }

  /**
   * Both neighbours are tried: at a power of two the farther one may be the one that reads back.
   */
  private static @Nullable BigDecimal nearest(BigDecimal exact, double value, int precision) {
    var below = exact.round(new MathContext(precision, RoundingMode.FLOOR));
    var above = exact.round(new MathContext(precision, RoundingMode.CEILING));
    boolean belowReadsBack = below.doubleValue() == value;
    boolean aboveReadsBack = above.doubleValue() == value;
    if (belowReadsBack && aboveReadsBack) {
      int nearer = exact.subtract(below).compareTo(above.subtract(exact));
      // A tie takes the even digit. [ECMA] 6.1.6.1.20 note 2
      boolean belowIsEven = !below.unscaledValue().testBit(0);
      return nearer < 0 || (nearer == 0 && belowIsEven) ? below : above;
    }
    return belowReadsBack ? below : aboveReadsBack ? above : null;
  }
}

package io.vpc4j.tunnel.stream.datagram;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which trace a packet belongs to. Big-endian. [T] 4.9
 *
 * <pre>
 *  octet
 *     0  trace id    16
 *    16  span id      8
 *    24  flags        1
 * </pre>
 *
 * @param traceHigh the first half of the trace id
 * @param traceLow the second
 * @param span the span id
 * @param flags 0 to 255
 */
public record TraceIdentity(long traceHigh, long traceLow, long span, int flags) {

  private static final Pattern TEXT =
      Pattern.compile(
          "([0-9a-fA-F]{1,32}):([0-9a-fA-F]{1,16}):[0-9a-fA-F]{1,16}:([0-9a-fA-F]{1,2})");

  /** How many octets it takes. */
  public static final int OCTETS = 25;

  /** Checks the flags. */
  public TraceIdentity {
    if ((flags & ~0xff) != 0) {
      throw new IllegalArgumentException("flags must be 0 to 255, not " + flags);
    }
  }

  /**
   * Reads the text form, {@code trace:span:parent:flags} in hex; a trace id may have fewer than its
   * 32 digits. Empty if it is none, or has ids of zero. [T] 7.9
   */
  public static Optional<TraceIdentity> parse(String text) {
    var found = TEXT.matcher(text);
    if (!found.matches()) {
      return Optional.empty();
    }
    var trace = "0".repeat(32 - found.group(1).length()) + found.group(1);
    var identity =
        new TraceIdentity(
            Long.parseUnsignedLong(trace.substring(0, 16), 16),
            Long.parseUnsignedLong(trace.substring(16), 16),
            Long.parseUnsignedLong(found.group(2), 16),
            Integer.parseInt(found.group(3), 16));
    var ids = (identity.traceHigh | identity.traceLow) != 0 && identity.span != 0;
    return ids ? Optional.of(identity) : Optional.empty();
  }

  /** The text form; the parent is always 0, as nobody looks at it. */
  public String text() {
    return "%016x%016x:%016x:0:%x".formatted(traceHigh, traceLow, span, flags);
  }

  /** Reads at an absolute place; the caller has proved that the octets are there. */
  static TraceIdentity read(ByteBuffer in, int at) {
    return new TraceIdentity(
        in.getLong(at), in.getLong(at + 8), in.getLong(at + 16), in.get(at + 24) & 0xff);
  }

  void write(ByteBuffer out) {
    out.putLong(traceHigh).putLong(traceLow).putLong(span).put((byte) flags);
  }
}

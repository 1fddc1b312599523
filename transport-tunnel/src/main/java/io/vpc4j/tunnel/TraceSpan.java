package io.vpc4j.tunnel;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One span of a trace: what connectors are told of it. W3C Trace Context 3.2
 *
 * @param traceHigh the first half of the trace's id; both halves are not zero
 * @param traceLow the second
 * @param span the span's id, not zero
 * @param flags 0 to 255; {@link #SAMPLED} is the only one that is known
 */
public record TraceSpan(long traceHigh, long traceLow, long span, int flags) {

  /** Whoever takes part in the trace is to record it. */
  public static final int SAMPLED = 1;

  private static final Pattern TRACEPARENT =
      Pattern.compile("00-([0-9a-f]{16})([0-9a-f]{16})-([0-9a-f]{16})-([0-9a-f]{2})");

  /** Checks. */
  public TraceSpan {
    if ((traceHigh | traceLow) == 0 || span == 0) {
      throw new IllegalArgumentException("the ids of a trace and of a span are not zero");
    }
    if ((flags & ~0xff) != 0) {
      throw new IllegalArgumentException("flags must be 0 to 255, not " + flags);
    }
  }

  /** Reads a {@code traceparent} of version 00; empty if it is none. W3C Trace Context 3.2.2 */
  public static Optional<TraceSpan> parse(String traceparent) {
    var found = TRACEPARENT.matcher(traceparent);
    if (!found.matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new TraceSpan(
              Long.parseUnsignedLong(found.group(1), 16),
              Long.parseUnsignedLong(found.group(2), 16),
              Long.parseUnsignedLong(found.group(3), 16),
              Integer.parseInt(found.group(4), 16)));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // zeros: W3C Trace Context 3.2.2.3, to be ignored
    }
  }

  /** As a {@code traceparent}. */
  public String traceparent() {
    return "00-%016x%016x-%016x-%02x".formatted(traceHigh, traceLow, span, flags);
  }
}

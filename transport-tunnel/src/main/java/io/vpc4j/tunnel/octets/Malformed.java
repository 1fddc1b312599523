package io.vpc4j.tunnel.octets;

/**
 * A peer sent octets that are not the message they claim to be, or more of them than it may.
 *
 * <p>Checked, so that every decoder's caller decides; without a stack trace, so that a flood of
 * garbage costs an object and not a walk of the stack. A carrier counts it by {@link #reason} and
 * ends the stream or the connection; it never reaches an application.
 */
public final class Malformed extends Exception {

  private static final long serialVersionUID = 1L;

  /** What was wrong, for counters. */
  public enum Reason {
    /** Fewer octets than the message needs, or more than belong to it. */
    LENGTH,
    /** A stream began with neither of the two signatures. */
    SIGNATURE,
    /** A kind of message or pointer that does not belong here. */
    TYPE,
    /** A pointer leads outside its message, or a list is longer than what is there. */
    BOUNDS,
    /** Following the pointers would cost more than the message is worth, or nests too deep. */
    TRAVERSAL,
    /** A message larger than the limit, or in too many segments. */
    SIZE,
    /** A value that its field cannot have. */
    VALUE,
    /** A message that is well formed and comes at the wrong time. */
    SEQUENCE,
    /** More questions, sessions or events than the limit. */
    LIMIT
  }

  private final Reason reason;

  /** Says what was wrong, with a detail for logs. */
  public Malformed(Reason reason, String detail) {
    super(reason + ": " + detail, null, false, false);
    this.reason = reason;
  }

  /** What was wrong. */
  public Reason reason() {
    return reason;
  }
}

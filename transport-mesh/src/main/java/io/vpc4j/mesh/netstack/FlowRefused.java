package io.vpc4j.mesh.netstack;

/** The stack cannot begin a flow. Without a stack trace: it is an answer. */
public final class FlowRefused extends Exception {

  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    /** We have no address of that family. */
    NO_ADDRESS,
    /** No port is free, or the one wanted is taken. */
    NO_PORT,
    /** {@link NetstackSettings#maxFlows}. */
    TOO_MANY
  }

  private final Reason reason;

  FlowRefused(Reason reason) {
    super(reason.name(), null, false, false);
    this.reason = reason;
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }
}

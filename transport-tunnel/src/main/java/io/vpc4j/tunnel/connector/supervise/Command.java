package io.vpc4j.tunnel.connector.supervise;

import io.vpc4j.core.directory.EdgeSettings.Protocol;

/** What the {@link Supervisor} wants done. */
public sealed interface Command {

  /**
   * Dial, and register once the control stream is there. To be answered with this attempt.
   *
   * @param index which connection
   * @param attempt names this one of the connection's attempts
   * @param edge where
   * @param protocol with what
   * @param previousAttempts that failed in a row, 0 to 255; the edge is told
   */
  record Dial(int index, long attempt, EdgeAddress edge, Protocol protocol, int previousAttempts)
      implements Command {}

  /**
   * Give up a dial, or close a connection.
   *
   * @param index which connection
   * @param attempt which of its attempts
   * @param reason a few words
   */
  record Close(int index, long attempt, String reason) implements Command {}

  /**
   * Tell the edge that no new stream is wanted.
   *
   * @param index which connection
   * @param attempt which of its attempts
   * @param deadlineNs when the answer is waited for no longer
   */
  record Unregister(int index, long attempt, long deadlineNs) implements Command {}

  /**
   * Nothing to do but to say so: a connection pauses.
   *
   * @param index which connection
   * @param delayNs how long
   * @param reason why
   */
  record Pausing(int index, long delayNs, String reason) implements Command {}

  /**
   * Nothing to do but to say so: another protocol is tried from here on.
   *
   * @param protocol which
   */
  record Switching(Protocol protocol) implements Command {}

  /**
   * All is over; the last command.
   *
   * @param outcome how it ended
   * @param reason a sentence
   */
  record End(Outcome outcome, String reason) implements Command {}

  /** How a connector's life ends. */
  enum Outcome {
    /** It was told to stop. */
    STOPPED,
    /** The edge refused its first registration for good. */
    REFUSED
  }
}

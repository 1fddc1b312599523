package io.vpc4j.mesh.wireguard;

/**
 * How long WireGuard waits for things, and after how many messages a key is old.
 *
 * <p>Every value but the last is the protocol's: peers rely on them, so {@link #SPECIFICATION} is
 * what a node runs with. They are a parameter so that a test can see a rekey within its patience;
 * shortening the rekey of one side alone is harmless to the other.
 *
 * @param rekeyAfterMessages unsigned; a session that sent more is replaced. [W] 6.1
 * @param rejectAfterMessages unsigned; a session sends and takes none from here on. [W] 6.1
 * @param rekeyAfterNs an initiator that sends on an older session replaces it. [W] 6.2
 * @param rejectAfterNs an older session sends and takes nothing. [W] 6.2
 * @param rekeyAttemptNs how long an unanswered handshake is repeated. [W] 6.4
 * @param rekeyTimeoutNs and how often. [W] 6.4
 * @param keepaliveNs a peer that receives and has nothing to say for so long says so. [W] 6.5
 * @param cookieNs how long a cookie holds, and the secret that it comes from. [W] 5.4.7
 * @param jitterNs ours: the most that is added to a retry, so that two peers that lost each other
 *     do not call at once for ever. [W] 6.1 asks for up to 333 ms
 */
public record Timings(
    long rekeyAfterMessages,
    long rejectAfterMessages,
    long rekeyAfterNs,
    long rejectAfterNs,
    long rekeyAttemptNs,
    long rekeyTimeoutNs,
    long keepaliveNs,
    long cookieNs,
    long jitterNs) {

  private static final long SECOND = 1_000_000_000L;

  /** [W] 6.1, the table. */
  public static final Timings SPECIFICATION =
      new Timings(
          1L << 60,
          -(1L << 13) - 1, // 2^64 - 2^13 - 1
          120 * SECOND,
          180 * SECOND,
          90 * SECOND,
          5 * SECOND,
          10 * SECOND,
          120 * SECOND,
          333_000_000L);

  /** Checks the relations that the code leans on. */
  public Timings {
    if (rekeyTimeoutNs <= 0 || keepaliveNs <= 0 || cookieNs <= 0 || jitterNs < 0) {
      throw new IllegalArgumentException("a wait must be longer than nothing");
    }
    if (rejectAfterNs <= rekeyAfterNs
        || Long.compareUnsigned(rejectAfterMessages, rekeyAfterMessages) <= 0) {
      throw new IllegalArgumentException("a key must be replaced before it is refused");
    }
    if (rekeyAttemptNs < rekeyTimeoutNs) {
      throw new IllegalArgumentException("a handshake must be tried once at least");
    }
  }

  /** With other ages of a session. */
  public Timings withAges(long newRekeyAfterNs, long newRejectAfterNs) {
    return new Timings(
        rekeyAfterMessages,
        rejectAfterMessages,
        newRekeyAfterNs,
        newRejectAfterNs,
        rekeyAttemptNs,
        rekeyTimeoutNs,
        keepaliveNs,
        cookieNs,
        jitterNs);
  }

  /** With other counts of messages. */
  public Timings withMessages(long newRekeyAfterMessages, long newRejectAfterMessages) {
    return new Timings(
        newRekeyAfterMessages,
        newRejectAfterMessages,
        rekeyAfterNs,
        rejectAfterNs,
        rekeyAttemptNs,
        rekeyTimeoutNs,
        keepaliveNs,
        cookieNs,
        jitterNs);
  }

  /** With another pace of unanswered handshakes. */
  public Timings withRetries(long newRekeyTimeoutNs, long newRekeyAttemptNs) {
    return new Timings(
        rekeyAfterMessages,
        rejectAfterMessages,
        rekeyAfterNs,
        rejectAfterNs,
        newRekeyAttemptNs,
        newRekeyTimeoutNs,
        keepaliveNs,
        cookieNs,
        jitterNs);
  }

  /** How often an unanswered handshake is repeated. */
  long retries() {
    return rekeyAttemptNs / rekeyTimeoutNs;
  }

  /**
   * How long an initiator that only receives uses a session before it replaces it, so that the
   * handshake has its time before the peer's packets are refused. [W] 6.2
   */
  long rekeyOnReceiptAfterNs() {
    return Math.max(rekeyAfterNs, rejectAfterNs - keepaliveNs - rekeyTimeoutNs);
  }
}

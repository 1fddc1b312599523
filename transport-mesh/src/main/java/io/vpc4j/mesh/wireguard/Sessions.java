package io.vpc4j.mesh.wireguard;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A peer's sessions, rotated so that no packet on its way is lost: it is sent under the current
 * one, and taken under any. [W] 5.4.5, 6.3
 *
 * <pre>
 *              we initiated                 we responded            first packet under next
 *   next       -> previous, if any          the new one             -> current
 *   current    the new one                  stays                   the one that was next
 *   previous   what was current             stays                   what was current
 *   older      what was previous            stays                   what was previous
 * </pre>
 *
 * <p>A responder must not send under the new keys before the initiator proved that it has them:
 * hence next. Departs from the kernel's three slots: one that would be dropped goes to a fourth,
 * which only receives. When both ends rekey at once two sessions are replaced in one round trip,
 * and packets under the first are still on their way.
 */
final class Sessions {

  private final Consumer<Session> retired;

  private @Nullable Session next;
  private @Nullable Session current;
  private @Nullable Session previous;
  private @Nullable Session older;

  /** {@code retired} is told of each session that is no longer held. */
  Sessions(Consumer<Session> retired) {
    this.retired = retired;
  }

  /** What to send under; null if there is none that may. */
  @Nullable Session sending(long nowNs) {
    var session = current;
    return session != null && session.maySend(nowNs) ? session : null;
  }

  /** What the last handshake that both ends completed gave; null if there is none. */
  @Nullable Session current() {
    return current;
  }

  /** The answer to our handshake came. */
  void initiated(Session session) {
    push(current);
    if (next != null) {
      push(next);
      next = null;
    }
    current = session;
  }

  /** We answered a handshake. */
  void responded(Session session) {
    if (next != null) {
      retire(next);
    }
    next = session;
  }

  /** A packet came under {@code session}; true if that confirms it. */
  boolean confirm(Session session) {
    if (session != next) {
      return false;
    }
    push(current);
    current = session;
    next = null;
    return true;
  }

  /** Retires all. */
  void clear() {
    for (var session : new @Nullable Session[] {next, current, previous, older}) {
      if (session != null) {
        retire(session);
      }
    }
    next = null;
    current = null;
    previous = null;
    older = null;
  }

  private void push(@Nullable Session session) {
    if (session == null) {
      return;
    }
    if (older != null) {
      retire(older);
    }
    older = previous;
    previous = session;
  }

  private void retire(Session session) {
    session.wipe();
    retired.accept(session);
  }
}

package io.vpc4j.mesh.wireguard;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A peer's sessions, rotated so that no packet on its way is lost: it is sent under the current
 * one, and taken under any. [W] 5.4.5, 6.3
 *
 * <pre>
 *              we initiated                 we responded            first packet under next
 *   next       -> past, if any              the new one             -> current
 *   current    the new one                  stays                   the one that was next
 *   past       what was current             stays                   what was current
 * </pre>
 *
 * <p>A responder must not send under the new keys before the initiator proved that it has them:
 * hence next.
 *
 * <p>Departs from the kernel, which has one past session: here there are {@link #PAST}. When both
 * ends rekey at once, two sessions are replaced in one round trip while packets are on their way
 * under each of them and under those of the time before. Each still refuses what is older than
 * REJECT-AFTER-TIME.
 */
final class Sessions {

  /** How many sessions are kept that only receive. */
  static final int PAST = 3;

  private final Consumer<Session> retired;

  private @Nullable Session next;
  private @Nullable Session current;
  private final @Nullable Session[] past = new @Nullable Session[PAST]; // the latest first

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

  /** Those that are held, in no order. */
  List<Session> held() {
    var held = new ArrayList<Session>(PAST + 2);
    for (var session : past) {
      if (session != null) {
        held.add(session);
      }
    }
    if (current != null) {
      held.add(current);
    }
    if (next != null) {
      held.add(next);
    }
    return held;
  }

  /** Retires all. */
  void clear() {
    if (next != null) {
      retire(next);
      next = null;
    }
    if (current != null) {
      retire(current);
      current = null;
    }
    for (var i = 0; i < PAST; i++) {
      if (past[i] != null) {
        retire(past[i]);
        past[i] = null;
      }
    }
  }

  private void push(@Nullable Session session) {
    if (session == null) {
      return;
    }
    var last = past[PAST - 1];
    if (last != null) {
      retire(last);
    }
    System.arraycopy(past, 0, past, 1, PAST - 1);
    past[0] = session;
  }

  private void retire(Session session) {
    session.wipe();
    retired.accept(session);
  }
}

package io.vpc4j.core.config.directory;

import org.jspecify.annotations.Nullable;

/**
 * Says when files that changed have come to rest, so that an editor that truncates, writes and
 * renames is read once and not half way. No clock and no file of its own: both are arguments.
 *
 * <p>Not safe for use by several threads at once.
 */
final class ChangeDetector {

  private final long settleNs;
  private Fingerprint handled;
  private @Nullable Fingerprint pending;
  private long pendingSinceNs;

  /**
   * Starts with what has been read already.
   *
   * @param settleNs how long files must stay as they are
   */
  ChangeDetector(long settleNs, Fingerprint handled) {
    this.settleNs = settleNs;
    this.handled = handled;
  }

  /** Whether {@code now} differs from what was handled last, and has for long enough. */
  boolean onLook(Fingerprint now, long nowNs) {
    if (now.equals(handled)) {
      pending = null;
      return false;
    }
    if (!now.equals(pending)) {
      pending = now;
      pendingSinceNs = nowNs;
    }
    return nowNs - pendingSinceNs >= settleNs;
  }

  /** The files have been read, whatever came of it; {@code state} is from before the reading. */
  void onHandled(Fingerprint state) {
    handled = state;
    pending = null;
  }

  /** How long until the next look is due, at most {@code idleNs}. */
  long waitNs(long nowNs, long idleNs) {
    return pending == null
        ? idleNs
        : Math.max(0, Math.min(idleNs, settleNs - (nowNs - pendingSinceNs)));
  }
}

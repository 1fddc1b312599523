package io.vpc4j.core.netty;

import io.netty.channel.ChannelOutboundBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What of a channel's outbound buffer is lent to the transport: two batches at most, so that one is
 * written while the next is gathered. Confined to the loop of the channel above.
 */
final class Lending {

  private static final int MAX_BATCHES = 2;

  private final Beneath to;
  private final ArrayDeque<Batch> sent = new ArrayDeque<>(MAX_BATCHES);
  private final ArrayDeque<Batch> spare = new ArrayDeque<>(MAX_BATCHES);
  private int sentWrites;

  Lending(Beneath to) {
    this.to = to;
  }

  /** Whether the transport has nothing of it. */
  boolean isEmpty() {
    return sent.isEmpty();
  }

  /**
   * Lends the next batch of what is flushed.
   *
   * @return false if there is nothing more, or two are under way
   */
  boolean lend(ChannelOutboundBuffer pending) throws Exception {
    if (sent.size() == MAX_BATCHES || pending.size() <= sentWrites) {
      return false;
    }
    var batch = spare.isEmpty() ? new Batch(to) : spare.remove();
    if (!batch.fill(pending, sentWrites)) {
      spare.add(batch);
      while (sent.isEmpty() && pending.size() > 0) {
        pending.remove(); // all of them were cancelled
      }
      return false;
    }
    sentWrites += batch.size();
    sent.add(batch);
    batch.send();
    return true;
  }

  /**
   * Writes that have gone leave the outbound buffer, up to the first that failed.
   *
   * @return why that failed; null if none did
   */
  @Nullable Throwable settle(ChannelOutboundBuffer pending) {
    for (var batch = sent.peek(); batch != null && batch.isSettled(); batch = sent.peek()) {
      var failure = batch.failure();
      if (failure != null) {
        return failure;
      }
      sent.remove();
      sentWrites -= batch.size();
      batch.remove(pending);
      spare.add(batch);
    }
    return null;
  }
}

package io.vpc4j.mesh.netstack.tcp;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A window of a stream of octets, addressed from its head: a send or a receive buffer.
 *
 * <p>Memory comes in chunks of {@link #CHUNK_OCTETS} from the {@link TcpHost} when an octet is
 * first put there, and goes back when the head has passed it; an empty ring holds nothing. Octets
 * may be put anywhere, so segments that come out of order lie at once where they belong. The ring
 * does not know which places have been filled: {@code Reassembly} does.
 */
final class OctetRing {

  static final int CHUNK_OCTETS = 8 * 1024;

  private static final int SHIFT = 13;
  private static final int MASK = CHUNK_OCTETS - 1;
  private static final int KEPT =
      16; // of an empty ring, so that a flow of small messages allocates nothing
  private static final byte[][] NONE = {};

  static {
    assert 1 << SHIFT == CHUNK_OCTETS : "the shift is the chunk";
  }

  private final TcpHost host;

  /** Chunk {@code n} of the stream is at {@code n & length - 1}; a power of two, or none. */
  private byte[][] chunks = NONE;

  private int held;
  private long head;

  OctetRing(TcpHost host) {
    this.host = host;
  }

  /**
   * Puts octets at {@code offset} from the head.
   *
   * @return how many: all, or fewer when the host is out of memory
   */
  int put(int offset, ByteBuffer from, int fromIndex, int length) {
    var at = head + offset;
    var done = 0;
    while (done < length) {
      var chunk = chunkFor(at);
      if (chunk == null) {
        break;
      }
      var within = (int) at & MASK;
      var run = Math.min(length - done, CHUNK_OCTETS - within);
      from.get(fromIndex + done, chunk, within, run);
      done += run;
      at += run;
    }
    return done;
  }

  /** Copies octets to an absolute index of {@code to}. They must have been put before. */
  void get(int offset, ByteBuffer to, int toIndex, int length) {
    var at = head + offset;
    var done = 0;
    while (done < length) {
      var chunk = chunks[(int) (at >>> SHIFT) & (chunks.length - 1)];
      if (chunk == null) {
        throw new IllegalStateException("nothing was put at " + (offset + done));
      }
      var within = (int) at & MASK;
      var run = Math.min(length - done, CHUNK_OCTETS - within);
      to.put(toIndex + done, chunk, within, run);
      done += run;
      at += run;
    }
  }

  /** Moves the head on; what it passes is gone. */
  void discard(int length) {
    var from = head >>> SHIFT;
    head += length;
    var to = head >>> SHIFT;
    for (var n = from; n < to && held > 0; n++) {
      release(n);
    }
  }

  /** Gives everything back; the next octet put is at the head again. */
  void clear() {
    for (var i = 0; i < chunks.length && held > 0; i++) {
      var chunk = chunks[i];
      if (chunk != null) {
        host.giveBack(chunk);
        chunks[i] = null;
        held--;
      }
    }
    if (chunks.length > KEPT) {
      chunks = NONE;
    }
  }

  /** Memory held. */
  int heldOctets() {
    return held * CHUNK_OCTETS;
  }

  private void release(long number) {
    var slot = (int) number & (chunks.length - 1);
    var chunk = chunks[slot];
    if (chunk != null) {
      chunks[slot] = null;
      held--;
      host.giveBack(chunk);
    }
  }

  private byte @Nullable [] chunkFor(long at) {
    var number = at >>> SHIFT;
    if (number - (head >>> SHIFT) >= chunks.length) {
      grow((int) (number - (head >>> SHIFT)) + 1);
    }
    var slot = (int) number & (chunks.length - 1);
    var chunk = chunks[slot];
    if (chunk == null) {
      chunk = host.takeChunk();
      if (chunk != null) {
        chunks[slot] = chunk;
        held++;
      }
    }
    return chunk;
  }

  private void grow(int least) {
    var length = Math.max(2, Integer.highestOneBit(Math.max(least, 2) * 2 - 1));
    var grown = new byte[length][];
    var first = head >>> SHIFT;
    for (var n = first; n < first + chunks.length; n++) {
      grown[(int) n & (length - 1)] = chunks[(int) n & (chunks.length - 1)];
    }
    chunks = grown;
  }

  @Override
  public String toString() {
    return Arrays.stream(chunks).filter(chunk -> chunk != null).count() + " chunks at " + head;
  }
}

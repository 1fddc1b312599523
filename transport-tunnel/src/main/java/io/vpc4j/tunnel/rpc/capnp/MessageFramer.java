package io.vpc4j.tunnel.rpc.capnp;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.vpc4j.tunnel.octets.Malformed;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream into messages, octets as they come. [C] "Serialization Over a Stream"
 *
 * <pre>
 *  octet
 *     0  segments - 1                          u32
 *     4  words of segment 0                    u32
 *     8  words of segment 1 ...                u32 each
 *        zeros up to a whole word
 *        the segments
 *        integers are little-endian
 * </pre>
 *
 * <p>Takes no octet past the end of a message, so what follows it on the stream is left where it
 * is. Holds at most twice the octets that have come, whatever lengths they announce. Not safe for
 * use by many threads.
 */
public final class MessageFramer {

  private static final int FIRST_OCTETS = 512;

  private final ReadLimits limits;

  // Of the message under way: what has come of it, how much is wanted next, and whether the
  // lengths, which are wanted first, are known.
  private byte[] octets = new byte[FIRST_OCTETS];
  private int length;
  private int wanted = 4;
  private int tableOctets;
  private Stage stage = Stage.COUNT;

  private enum Stage {
    COUNT,
    TABLE,
    SEGMENTS
  }

  /** Begins before the first message. */
  public MessageFramer(ReadLimits limits) {
    this.limits = limits;
  }

  /**
   * Takes octets up to the end of the message under way.
   *
   * @return the message if its end is among {@code in}; else null, and all of {@code in} is taken
   * @throws Malformed if a length is beyond the limits; the framer is of no use afterwards
   */
  public @Nullable MessageReader poll(ByteBuffer in) throws Malformed {
    while (true) {
      if (!take(in)) {
        return null;
      }
      switch (stage) {
        case COUNT -> onCount();
        case TABLE -> onTable();
        case SEGMENTS -> {
          return finish();
        }
      }
    }
  }

  /** Whether a message has begun and not ended: an end of stream now has cut it short. */
  public boolean isMidMessage() {
    return length > 0;
  }

  private boolean take(ByteBuffer in) {
    var count = Math.min(in.remaining(), wanted - length);
    if (length + count > octets.length) {
      octets = Arrays.copyOf(octets, Math.min(wanted, Math.max(2 * octets.length, length + count)));
    }
    in.get(octets, length, count);
    length += count;
    return length == wanted;
  }

  private void onCount() throws Malformed {
    var segments = Integer.toUnsignedLong(word32(0)) + 1;
    if (segments > limits.maxSegments()) {
      throw new Malformed(Malformed.Reason.SIZE, segments + " segments");
    }
    tableOctets = ((int) segments / 2 + 1) * 8;
    wanted = tableOctets;
    stage = Stage.TABLE;
  }

  private void onTable() throws Malformed {
    var words = 0L;
    for (var i = 0; i <= word32(0); i++) {
      words += Integer.toUnsignedLong(word32(4 + 4 * i));
    }
    if (words * 8 > limits.maxMessageOctets()) {
      throw new Malformed(
          Malformed.Reason.SIZE,
          words * 8 + " octets, and at most " + limits.maxMessageOctets() + " may come");
    }
    wanted = tableOctets + (int) words * 8;
    stage = Stage.SEGMENTS;
  }

  private MessageReader finish() {
    var segments = new ByteBuffer[word32(0) + 1];
    var from = tableOctets;
    for (var i = 0; i < segments.length; i++) {
      var size = word32(4 + 4 * i) * 8;
      segments[i] = MessageReader.segment(octets, from, size);
      from += size;
    }
    octets = new byte[FIRST_OCTETS]; // the message keeps the old ones
    length = 0;
    wanted = 4;
    stage = Stage.COUNT;
    return new MessageReader(segments, limits);
  }

  private int word32(int index) {
    return ByteBuffer.wrap(octets).order(LITTLE_ENDIAN).getInt(index);
  }
}

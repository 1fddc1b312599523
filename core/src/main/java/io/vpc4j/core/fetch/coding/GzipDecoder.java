package io.vpc4j.core.fetch.coding;

import io.netty.buffer.ByteBuf;
import io.vpc4j.VpcException;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * gzip: members one behind the other. RFC 1952 2.3
 *
 * <pre>
 *     0  1f 8b              magic
 *     2  08                 deflate
 *     3  flags              FHCRC 2, FEXTRA 4, FNAME 8, FCOMMENT 16
 *     4  mtime 4, xfl 1, os 1
 *    10  [extra: length 2, octets] [name, 0] [comment, 0] [header CRC 2]
 *        deflate data
 *        CRC32 4, length 4 (little-endian; the length modulo 2^32)
 * </pre>
 */
final class GzipDecoder extends Inflating {

  /** A header with names longer than this is nothing a server sends. */
  private static final int MAX_HEADER_OCTETS = 64 * 1024;

  private static final int FIXED_OCTETS = 10;
  private static final int TRAILER_OCTETS = 8;
  private static final int FHCRC = 2;
  private static final int FEXTRA = 4;
  private static final int FNAME = 8;
  private static final int FCOMMENT = 16;
  private static final int RESERVED = 0xe0;

  private enum State {
    HEADER,
    DATA,
    TRAILER
  }

  private final Inflater inflater = new Inflater(true);
  private final CRC32 crc = new CRC32();
  private State state = State.HEADER;
  private boolean anyMember;

  @Override
  @Nullable ByteBuf next(ByteBuf available) throws VpcException {
    while (true) {
      switch (state) {
        case HEADER -> {
          if (!takeHeader(available)) {
            return null;
          }
          state = State.DATA;
        }
        case DATA -> {
          var piece = inflate(inflater, available);
          if (inflater.finished()) {
            state = State.TRAILER;
          }
          if (piece != null) {
            crc.update(
                piece.array(), piece.arrayOffset() + piece.readerIndex(), piece.readableBytes());
            return piece;
          }
          if (state == State.DATA) {
            return null;
          }
        }
        case TRAILER -> {
          if (available.readableBytes() < TRAILER_OCTETS) {
            return null;
          }
          checkTrailer(available);
          anyMember = true;
          inflater.reset();
          crc.reset();
          state = State.HEADER;
        }
      }
    }
  }

  /** Skips a whole header; false, and nothing is taken, if it is not all there. */
  private static boolean takeHeader(ByteBuf in) throws VpcException {
    if (in.readableBytes() < FIXED_OCTETS) {
      return false;
    }
    var at = in.readerIndex();
    if (in.getUnsignedShort(at) != 0x1f8b || in.getByte(at + 2) != 8) {
      throw corrupt("it is not gzip");
    }
    var flags = in.getByte(at + 3);
    if ((flags & RESERVED) != 0) {
      throw corrupt("reserved flags are set");
    }
    var end = at + FIXED_OCTETS;
    if ((flags & FEXTRA) != 0) {
      end = in.writerIndex() - end < 2 ? -1 : end + 2 + in.getUnsignedShortLE(end);
    }
    end = (flags & FNAME) != 0 ? afterZero(in, end) : end;
    end = (flags & FCOMMENT) != 0 ? afterZero(in, end) : end;
    end = (flags & FHCRC) != 0 && end >= 0 ? end + 2 : end;
    if (end < 0 || end > in.writerIndex()) {
      if (in.readableBytes() > MAX_HEADER_OCTETS) {
        throw corrupt("its header does not end");
      }
      return false;
    }
    in.readerIndex(end);
    return true;
  }

  private static int afterZero(ByteBuf in, int from) {
    if (from < 0 || from > in.writerIndex()) {
      return -1;
    }
    var zero = in.indexOf(from, in.writerIndex(), (byte) 0);
    return zero < 0 ? -1 : zero + 1;
  }

  private void checkTrailer(ByteBuf in) throws VpcException {
    var expectedCrc = in.readUnsignedIntLE();
    var expectedLength = in.readUnsignedIntLE();
    if (expectedCrc != crc.getValue()) {
      throw corrupt("its checksum does not match");
    }
    if (expectedLength != (inflater.getBytesWritten() & 0xffff_ffffL)) {
      throw corrupt("its length does not match");
    }
  }

  @Override
  boolean isComplete() {
    return state == State.HEADER && anyMember;
  }

  @Override
  boolean isCutShort() {
    return true; // the beginning of another member
  }

  @Override
  void end() {
    inflater.end();
  }
}

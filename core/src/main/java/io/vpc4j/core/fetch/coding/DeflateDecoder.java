package io.vpc4j.core.fetch.coding;

import io.netty.buffer.ByteBuf;
import io.vpc4j.VpcException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * "deflate": zlib by the book, RFC 9110 8.4.1.2, and raw deflate as some servers send it. The two
 * octets of a zlib header tell them apart: method 8, and divisible by 31. RFC 1950 2.2
 */
final class DeflateDecoder extends Inflating {

  private @Nullable Inflater inflater;

  @Override
  @Nullable ByteBuf next(ByteBuf available) throws VpcException {
    var open = inflater;
    if (open == null) {
      if (available.readableBytes() < 2) {
        return null;
      }
      var header = available.getUnsignedShort(available.readerIndex());
      var zlib = (header >>> 8 & 0x0f) == 8 && header % 31 == 0;
      open = new Inflater(!zlib);
      inflater = open;
    }
    if (open.finished()) {
      available.skipBytes(available.readableBytes()); // what follows is nobody's
      return null;
    }
    return inflate(open, available);
  }

  @Override
  boolean isComplete() {
    return inflater != null && inflater.finished();
  }

  @Override
  boolean isCutShort() {
    return false;
  }

  @Override
  void end() {
    if (inflater != null) {
      inflater.end();
    }
  }
}

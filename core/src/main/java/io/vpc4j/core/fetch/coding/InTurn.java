package io.vpc4j.core.fetch.coding;

import io.netty.buffer.ByteBuf;
import io.vpc4j.VpcException;
import io.vpc4j.core.fetch.exchange.ContentDecoder;
import org.jspecify.annotations.Nullable;

/** Two codings: what one gives is fed to the other. */
final class InTurn implements ContentDecoder {

  private final ContentDecoder first;
  private final ContentDecoder second;
  private boolean firstIsDone;
  private boolean secondIsTold;

  InTurn(ContentDecoder first, ContentDecoder second) {
    this.first = first;
    this.second = second;
  }

  @Override
  public void feed(ByteBuf encoded) throws VpcException {
    first.feed(encoded);
  }

  @Override
  public @Nullable ByteBuf poll() throws VpcException {
    while (true) {
      var decoded = second.poll();
      if (decoded != null) {
        return decoded;
      }
      var between = first.poll();
      if (between != null) {
        second.feed(between);
      } else if (firstIsDone && !secondIsTold) {
        secondIsTold = true;
        second.finish();
      } else {
        return null;
      }
    }
  }

  @Override
  public void finish() throws VpcException {
    first.finish();
    firstIsDone = true;
  }

  @Override
  public void close() {
    first.close();
    second.close();
  }
}

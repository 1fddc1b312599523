package io.vpc4j.core.fetch;

import java.nio.ByteBuffer;
import java.util.concurrent.Flow;

/** Publishes octets in pieces of 10,000, as they are asked for. */
final class Pieces implements Flow.Publisher<ByteBuffer> {

  private final byte[] octets;

  Pieces(byte[] octets) {
    this.octets = octets;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    subscriber.onSubscribe(
        new Flow.Subscription() {
          private int at;
          private boolean over;

          @Override
          public void request(long n) {
            for (var i = 0; i < n && at < octets.length; i++) {
              var size = Math.min(10_000, octets.length - at);
              at += size;
              subscriber.onNext(ByteBuffer.wrap(octets, at - size, size));
            }
            if (at == octets.length && !over) {
              over = true;
              subscriber.onComplete();
            }
          }

          @Override
          public void cancel() {
            over = true;
          }
        });
  }
}

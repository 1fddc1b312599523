package io.vpc4j.core.fetch;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/** Counts what it is given, some buffers at a time. */
final class Collecting implements Flow.Subscriber<ByteBuffer> {

  final CompletableFuture<Long> octets = new CompletableFuture<>();
  private final int step;
  private Flow.Subscription subscription;
  private long count;
  private int left;

  Collecting(int step) {
    this.step = step;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    this.subscription = subscription;
    left = step;
    subscription.request(step);
  }

  @Override
  public void onNext(ByteBuffer item) {
    count += item.remaining();
    if (--left == 0) {
      left = step;
      subscription.request(step);
    }
  }

  @Override
  public void onError(Throwable failure) {
    octets.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    octets.complete(count);
  }
}

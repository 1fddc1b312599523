package io.vpc4j.core.client.http;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Gives the octets of a body to a {@link BodySubscriber}, and its failure in the JDK's words. */
final class BodyFeed implements Flow.Subscriber<ByteBuffer> {

  private final BodySubscriber<?> subscriber;
  private final Runnable over;
  private volatile @Nullable IOException aborted;

  /**
   * Feeds {@code subscriber}.
   *
   * @param over run once there is nothing more to come: the body has ended, failed, or is not
   *     wanted
   */
  BodyFeed(BodySubscriber<?> subscriber, Runnable over) {
    this.subscriber = subscriber;
    this.over = over;
  }

  /** What the subscriber is to be told in place of an end; the body is closed behind this. */
  void abort(IOException why) {
    aborted = why;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    subscriber.onSubscribe(
        new Flow.Subscription() {
          @Override
          public void request(long n) {
            subscription.request(n);
          }

          @Override
          public void cancel() {
            subscription.cancel();
            over.run();
          }
        });
  }

  @Override
  public void onNext(ByteBuffer octets) {
    subscriber.onNext(List.of(octets.asReadOnlyBuffer()));
  }

  @Override
  public void onError(Throwable failure) {
    var why = aborted;
    subscriber.onError(why == null ? HttpFailures.plain(failure) : why);
    over.run();
  }

  @Override
  public void onComplete() {
    var why = aborted;
    if (why == null) {
      subscriber.onComplete();
    } else {
      subscriber.onError(why); // what was left is lost: this is not the body's end
    }
    over.run();
  }
}

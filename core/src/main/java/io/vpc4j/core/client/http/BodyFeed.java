package io.vpc4j.core.client.http;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Flow;

/** Gives the octets of a body to a {@link BodySubscriber}, and its failure in the JDK's words. */
final class BodyFeed implements Flow.Subscriber<ByteBuffer> {

  private final BodySubscriber<?> subscriber;

  BodyFeed(BodySubscriber<?> subscriber) {
    this.subscriber = subscriber;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    subscriber.onSubscribe(subscription);
  }

  @Override
  public void onNext(ByteBuffer octets) {
    subscriber.onNext(List.of(octets.asReadOnlyBuffer()));
  }

  @Override
  public void onError(Throwable failure) {
    subscriber.onError(HttpFailures.plain(failure));
  }

  @Override
  public void onComplete() {
    subscriber.onComplete();
  }
}

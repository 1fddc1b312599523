package io.vpc4j.core.fetch.body;

import io.netty.buffer.ByteBuf;
import io.vpc4j.VpcException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A body as a publisher, for one subscriber, which is called on the application's executor, one
 * call at a time. Buffers are copies, the subscriber's to keep.
 */
public final class BodyPublisher implements Flow.Publisher<ByteBuffer> {

  private final ResponseBody body;
  private final Executor executor;
  private final UnaryOperator<VpcException> placed;
  private final AtomicBoolean subscribed = new AtomicBoolean();

  /** A publisher of {@code body}, which the caller has claimed. */
  public BodyPublisher(ResponseBody body, Executor executor, UnaryOperator<VpcException> placed) {
    this.body = body;
    this.executor = executor;
    this.placed = placed;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    Objects.requireNonNull(subscriber);
    if (subscribed.compareAndSet(false, true)) {
      subscriber.onSubscribe(new Reading(subscriber));
    } else {
      subscriber.onSubscribe(NOTHING);
      subscriber.onError(new IllegalStateException("a response's body can be read once"));
    }
  }

  private static final Flow.Subscription NOTHING =
      new Flow.Subscription() {
        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
      };

  /** The one subscription. {@link #work} counts reasons to run; who raises it from 0 runs. */
  private final class Reading implements Flow.Subscription {
    private final Flow.Subscriber<? super ByteBuffer> subscriber;
    private final AtomicLong demand = new AtomicLong();
    private final AtomicInteger work = new AtomicInteger();
    private volatile boolean over;
    private volatile @Nullable Throwable misuse;
    private @Nullable ByteBuf next; // while running only

    Reading(Flow.Subscriber<? super ByteBuffer> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public void request(long n) {
      if (n <= 0) {
        misuse = new IllegalArgumentException("demand must be positive, not " + n);
      } else {
        demand.accumulateAndGet(n, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
      }
      schedule();
    }

    @Override
    public void cancel() {
      if (!over) {
        over = true;
        body.discard();
        schedule(); // frees the buffer that was read ahead
      }
    }

    private void schedule() {
      if (work.getAndIncrement() == 0) {
        try {
          executor.execute(this::run);
        } catch (RejectedExecutionException e) {
          over = true; // nobody is left to call the subscriber
          body.discard();
        }
      }
    }

    private void run() {
      var missed = work.get();
      do {
        drain();
        missed = work.addAndGet(-missed);
      } while (missed != 0);
    }

    private void drain() {
      try {
        while (!over) {
          var wrong = misuse;
          if (wrong != null) {
            over = true;
            body.discard();
            subscriber.onError(wrong);
          } else if (next == null && (next = body.poll()) == null) {
            if (!body.finished()) {
              body.onReadable(this::schedule);
              return;
            }
            over = true;
            subscriber.onComplete();
          } else if (demand.get() == 0) {
            return; // one buffer is read ahead, so that the end is seen without demand
          } else {
            if (demand.get() != Long.MAX_VALUE) {
              demand.decrementAndGet();
            }
            subscriber.onNext(copy());
          }
        }
      } catch (VpcException e) {
        if (!over) {
          over = true;
          subscriber.onError(placed.apply(e));
        }
      }
      release();
    }

    private void release() {
      var unread = next;
      next = null;
      if (unread != null) {
        unread.release();
      }
    }

    private ByteBuffer copy() {
      var octets = Objects.requireNonNull(next);
      var copy = ByteBuffer.allocate(octets.readableBytes());
      octets.readBytes(copy);
      release();
      return copy.flip();
    }
  }
}

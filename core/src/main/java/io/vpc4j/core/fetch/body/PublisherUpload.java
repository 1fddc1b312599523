package io.vpc4j.core.fetch.body;

import io.netty.buffer.Unpooled;
import io.vpc4j.core.fetch.exchange.Upload;
import io.vpc4j.core.fetch.exchange.UploadSink;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What a publisher gives. It is asked for as many buffers as the connection has taken, {@link
 * #AHEAD} of them at first; its methods are called on the application's executor, one at a time
 * (Reactive Streams 2.7).
 */
final class PublisherUpload implements Upload, Flow.Subscriber<ByteBuffer> {

  /** Buffers asked for before any was taken. */
  private static final int AHEAD = 4;

  private final Flow.Publisher<ByteBuffer> publisher;
  private final long length;
  private final Executor application;
  private volatile @Nullable UploadSink sink;
  private volatile boolean cancelled;
  private Flow.@Nullable Subscription subscription; // set once, before any demand
  private final AtomicLong demand = new AtomicLong(); // to be asked for
  private final AtomicInteger wanted = new AtomicInteger(); // calls of ask that are to come
  private int owed; // buffers written while the sink was not writable; on the loop

  PublisherUpload(Flow.Publisher<ByteBuffer> publisher, long length, Executor application) {
    this.publisher = publisher;
    this.length = length;
    this.application = application;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void start(UploadSink sink) {
    this.sink = sink;
    onApplication(() -> publisher.subscribe(this));
  }

  // ---- the publisher's calls

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    Objects.requireNonNull(subscription);
    synchronized (this) {
      if (this.subscription == null && !cancelled) {
        this.subscription = subscription;
      } else {
        subscription.cancel();
        return;
      }
    }
    demand.addAndGet(AHEAD);
    askSoon();
  }

  @Override
  public void onNext(ByteBuffer octets) {
    Objects.requireNonNull(octets);
    var to = sink;
    if (to != null && !cancelled) {
      to.eventLoop().execute(() -> deliver(to, octets));
    }
  }

  @Override
  public void onError(Throwable failure) {
    Objects.requireNonNull(failure);
    var to = sink;
    if (to != null) {
      to.eventLoop().execute(() -> to.fail(Uploads.unreadable(failure)));
    }
  }

  @Override
  public void onComplete() {
    var to = sink;
    if (to != null) {
      to.eventLoop().execute(to::end);
    }
  }

  // ---- the loop

  private void deliver(UploadSink to, ByteBuffer octets) {
    owed++;
    if (octets.hasRemaining()) {
      to.write(Unpooled.wrappedBuffer(octets));
      to.flush();
    }
    if (to.writable()) {
      onWritable();
    }
  }

  @Override
  public void onWritable() {
    var more = owed;
    owed = 0;
    if (more > 0) {
      demand.addAndGet(more);
      askSoon();
    }
  }

  @Override
  public void cancel() {
    cancelled = true;
    askSoon();
  }

  /** Has {@link #ask} run on the application's executor, unless it does so already. */
  private void askSoon() {
    if (wanted.getAndIncrement() == 0) {
      onApplication(this::ask);
    }
  }

  private void ask() {
    var missed = 1;
    do {
      var from = current();
      if (from != null && cancelled) {
        from.cancel();
      } else if (from != null) {
        var more = demand.getAndSet(0);
        if (more > 0) {
          request(from, more);
        }
      }
      missed = wanted.addAndGet(-missed);
    } while (missed != 0);
  }

  private void request(Flow.Subscription from, long more) {
    try {
      from.request(more);
    } catch (RuntimeException e) {
      onError(e);
    }
  }

  private synchronized Flow.@Nullable Subscription current() {
    return subscription;
  }

  private void onApplication(Runnable call) {
    try {
      application.execute(
          () -> {
            try {
              call.run();
            } catch (RuntimeException e) {
              onError(e);
            }
          });
    } catch (RejectedExecutionException e) {
      onError(e);
    }
  }
}

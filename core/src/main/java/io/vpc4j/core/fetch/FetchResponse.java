package io.vpc4j.core.fetch;

import io.vpc4j.Headers;
import io.vpc4j.Response;
import io.vpc4j.Url;
import io.vpc4j.VpcException;
import io.vpc4j.core.fetch.body.BodyCollector;
import io.vpc4j.core.fetch.body.BodyInputStream;
import io.vpc4j.core.fetch.body.BodyPublisher;
import io.vpc4j.core.fetch.body.ResponseBody;
import io.vpc4j.core.fetch.exchange.EarlyOctets;
import io.vpc4j.core.fetch.exchange.ResponseHead;
import io.vpc4j.core.fetch.exchange.WebSockets;
import io.vpc4j.spi.JsonBinding;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Cleaner;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The application's view of an answer.
 *
 * <p>A response that is dropped without being read or closed gives its connection back when the
 * garbage collector finds it, if it had not been read to its end by then. That is a net, not a way
 * of working: until then it counts against the pool's bounds.
 */
final class FetchResponse implements Response {

  private static final Cleaner FORGOTTEN = Cleaner.create();

  private final Call call;
  private final Attempt attempt;
  private final ResponseHead head;
  private final ResponseBody body;
  private final boolean decoded;
  private final Url url;
  private final boolean redirected;
  private final AtomicReference<@Nullable Upgraded> upgraded = new AtomicReference<>();

  /** A channel that speaks another protocol now, until somebody takes it. */
  private record Upgraded(WebSockets.Handshake handshake, EarlyOctets early) {}

  FetchResponse(Call call, Attempt attempt, ResponseHead head, ResponseBody body, boolean decoded) {
    this.call = call;
    this.attempt = attempt;
    this.head = head;
    this.body = body;
    this.decoded = decoded;
    url = attempt.url();
    redirected = call.redirected();
  }

  void upgraded(WebSockets.Handshake handshake, EarlyOctets early) {
    upgraded.set(new Upgraded(handshake, early));
  }

  /** Before it is given away: sees to it that forgetting it leaks nothing. */
  void watch() {
    if (upgraded.get() != null) {
      var held = upgraded;
      FORGOTTEN.register(this, () -> close(held.getAndSet(null)));
    }
    if (!body.harmless()) {
      var held = body; // and not this
      FORGOTTEN.register(this, held::discard); // whoever reads keeps this reachable
    }
  }

  // ---- the head

  @Override
  public int status() {
    return head.status();
  }

  @Override
  public String statusText() {
    return head.reason();
  }

  @Override
  public Headers headers() {
    return decoded
        ? head.headers().toBuilder().remove("content-encoding").remove("content-length").build()
        : head.headers();
  }

  @Override
  public Url url() {
    return url;
  }

  @Override
  public boolean redirected() {
    return redirected;
  }

  @Override
  public String version() {
    return head.version();
  }

  @Override
  public String toString() {
    return head.version() + " " + head.status() + " " + url;
  }

  // ---- the body

  @Override
  public boolean bodyUsed() {
    return body.used();
  }

  @Override
  public byte[] bytes() throws IOException {
    call.engine.refuseOnLoop();
    claim();
    var whole = body.whole();
    try {
      if (whole == null) {
        return collector().collect();
      }
      if (whole.length > maxBuffered()) {
        throw BodyCollector.tooLarge(maxBuffered());
      }
      return whole;
    } catch (VpcException e) {
      throw placed(e);
    }
  }

  @Override
  public String text() throws IOException {
    return decode(bytes());
  }

  /** UTF-8 as the Encoding standard decodes it: one byte order mark is dropped. */
  private static String decode(byte[] octets) {
    var marked =
        octets.length >= 3
            && octets[0] == (byte) 0xef
            && octets[1] == (byte) 0xbb
            && octets[2] == (byte) 0xbf;
    var from = marked ? 3 : 0;
    return new String(octets, from, octets.length - from, StandardCharsets.UTF_8);
  }

  @Override
  public <T> T json(Class<T> type) throws IOException {
    var binding = Json.BINDING;
    if (binding == null) {
      throw new IllegalStateException(
          "no JSON binding is installed: put tools.jackson.core:jackson-databind on the class path"
              + " or module path, or provide an io.vpc4j.spi.JsonBinding");
    }
    return binding.read(bytes(), type);
  }

  @Override
  public CompletableFuture<byte[]> bytesAsync() {
    claim();
    var future = new Reading<byte[]>();
    collector()
        .collect(
            call.engine.parts().application(),
            (octets, failure) -> {
              if (failure instanceof VpcException known) {
                future.completeExceptionally(placed(known));
              } else if (failure != null) {
                future.completeExceptionally(failure);
              } else {
                future.complete(octets);
              }
            });
    return future;
  }

  @Override
  public CompletableFuture<String> textAsync() {
    var octets = bytesAsync();
    var text = new Reading<String>();
    octets.whenComplete(
        (read, failure) -> {
          if (read != null) {
            text.complete(decode(read));
          } else {
            text.completeExceptionally(failure);
          }
        });
    return text;
  }

  /** A read whose cancellation gives the body up. */
  private final class Reading<T> extends CompletableFuture<T> {
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      var cancelled = super.cancel(mayInterruptIfRunning);
      if (cancelled) {
        body.discard();
      }
      return cancelled;
    }
  }

  @Override
  public InputStream inputStream() {
    claim();
    return new BodyInputStream(body, call.engine::refuseOnLoop, this::placed);
  }

  @Override
  public Flow.Publisher<ByteBuffer> publisher() {
    claim();
    return new BodyPublisher(body, call.engine.parts().application(), this::placed);
  }

  @Override
  public CompletableFuture<Headers> trailers() {
    return body.trailersFuture(call.engine.parts().application());
  }

  private void claim() {
    if (!body.claim()) {
      throw new IllegalStateException("the body was taken or closed already; it can be read once");
    }
  }

  private BodyCollector collector() {
    return new BodyCollector(body, expectedOctets(), maxBuffered());
  }

  private int maxBuffered() {
    return attempt.limits().maxBufferedBodyOctets();
  }

  private long expectedOctets() {
    if (decoded) {
      return -1;
    }
    try {
      return Long.parseLong(head.headers().get("content-length").orElse("-1"));
    } catch (NumberFormatException e) {
      return -1; // HTTP/2 might say it twice; it is a hint
    }
  }

  private VpcException placed(VpcException failure) {
    var placed = call.place(failure, attempt.route());
    placed.fillInStackTrace();
    return placed;
  }

  /** Loaded when somebody wants JSON. */
  private static final class Json {
    static final @Nullable JsonBinding BINDING =
        ServiceLoader.load(JsonBinding.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(JsonBinding::available)
            .findFirst()
            .orElse(null);
  }

  // ---- the end

  @Override
  public WebSocket webSocket(WebSocket.Listener listener) {
    Objects.requireNonNull(listener, "listener"); // before the channel is taken out of our hands
    var open = upgraded.getAndSet(null);
    if (open == null) {
      throw new IllegalStateException(
          head.status() == 101
              ? "the WebSocket was taken or closed already"
              : "status " + head.status() + ": there is no WebSocket");
    }
    return open.handshake().open(open.early(), listener, call.engine.parts().application());
  }

  @Override
  public void close() {
    close(upgraded.getAndSet(null));
    body.discard();
  }

  private static void close(@Nullable Upgraded open) {
    if (open != null) {
      open.early().drop();
    }
  }
}

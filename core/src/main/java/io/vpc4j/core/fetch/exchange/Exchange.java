package io.vpc4j.core.fetch.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.vpc4j.ErrorCode;
import io.vpc4j.Headers;
import io.vpc4j.Limits;
import io.vpc4j.Url;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One request on one connection: what to send, who hears of the answer, and how long each step may
 * take.
 *
 * <p><b>Calls.</b> The connection calls the {@code on…} methods on its event loop, in this order:
 *
 * <pre>
 *   onStart ─ onHead ─ onData* ─ onEnd
 *         │      └── onUpgrade (a 101 that was asked for; the channel is the receiver's from then on)
 *         └ at any point: onFailure
 * </pre>
 *
 * <p>{@code onEnd}, {@code onUpgrade} and {@code onFailure} are the last of the calls above;
 * exactly one of them comes, once. {@link #onReadComplete} follows a batch of calls and says that
 * now is the time to wake who waits. None may block or run application code. Interim responses
 * (1xx) are the connection's own business.
 *
 * <p><b>Time.</b> The connection stamps progress with {@link #progress}; its {@code dueNs} is the
 * least of its exchanges' {@link #dueNs}, and on {@code onDue} it cancels those whose {@link
 * #lateness} is not null.
 */
public abstract class Exchange {

  /** Whether a request that failed may be sent again, once, on another connection. */
  public enum Again {
    /** No: some of the answer came, or it was our own doing. */
    NEVER,
    /**
     * If it is idempotent, and the connection had served before: it died before an octet of the
     * answer, most likely idle. RFC 9112 9.3.1
     */
    IF_IDEMPOTENT,
    /** Yes: HTTP/2 says that it was not acted upon (REFUSED_STREAM, GOAWAY). RFC 9113 8.7 */
    ALWAYS
  }

  private final String method;
  private final Url url;
  private final Headers headers;
  private final @Nullable Upload upload;
  private final boolean upgrade;
  private final Limits limits;
  private final long deadlineNs;

  private volatile long headByNs = Long.MAX_VALUE;

  // Written on the loop, read by the sweeper's thread: a stale value delays a time-out by one
  // sweep.
  private long progressNs;
  private boolean sending;
  private boolean owed;
  private final AtomicInteger bufferedOctets = new AtomicInteger();

  /**
   * A request.
   *
   * @param method in upper case
   * @param url gives the request target and {@code Host}
   * @param headers what the application wants sent; see {@link ConnectionFields} for what is not
   * @param upload the body; null for none
   * @param upgrade whether {@code headers} ask for a WebSocket, and 101 is welcome. {@code
   *     Connection}, {@code Upgrade} and {@code Sec-WebSocket-*} are sent as they stand then
   * @param limits the time-outs and bounds that apply
   * @param deadlineNs the request's own deadline on the ticker's clock; {@link Long#MAX_VALUE} for
   *     none
   */
  protected Exchange(
      String method,
      Url url,
      Headers headers,
      @Nullable Upload upload,
      boolean upgrade,
      Limits limits,
      long deadlineNs) {
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.upload = upload;
    this.upgrade = upgrade;
    this.limits = limits;
    this.deadlineNs = deadlineNs;
  }

  /** In upper case. */
  public final String method() {
    return method;
  }

  /** Where to; decides the request target and {@code Host}. */
  public final Url url() {
    return url;
  }

  /** The fields the application wants sent. */
  public final Headers headers() {
    return headers;
  }

  /** The body; null for none. */
  public final @Nullable Upload upload() {
    return upload;
  }

  /** Whether a 101 is welcome. */
  public final boolean upgrade() {
    return upgrade;
  }

  /** The request's own deadline; {@link Long#MAX_VALUE} for none. */
  public final long deadlineNs() {
    return deadlineNs;
  }

  /** The bounds that apply. */
  public final Limits limits() {
    return limits;
  }

  /**
   * Counts octets of the response that were handed to {@link #onData} and not {@linkplain
   * HttpConnection#consumed consumed}; any thread.
   *
   * @param change how many came, or, negative, went
   * @return how many there are
   */
  public final int buffered(int change) {
    return change == 0 ? bufferedOctets.get() : bufferedOctets.addAndGet(change);
  }

  // ---- inputs: called by the connection, on its event loop

  /**
   * The connection is about to send.
   *
   * @return false if nobody wants the exchange any more: it is not begun then, counts as over, and
   *     nothing else is called
   */
  public abstract boolean onStart();

  /** The head of the final response. */
  public abstract void onHead(ResponseHead head);

  /** Some of the response's body, not empty. Takes {@code octets} over. */
  public abstract void onData(ByteBuf octets);

  /** The response is complete; {@code trailers} is empty if none were sent. */
  public abstract void onEnd(Headers trailers);

  /**
   * The connection speaks another protocol now. It has left the pipeline; auto-read is off; the
   * pool counts the channel until it closes.
   *
   * @param rest what came behind the head; taken over; may be empty
   */
  public abstract void onUpgrade(ResponseHead head, Channel channel, ByteBuf rest);

  /** The exchange is over without a complete response. */
  public abstract void onFailure(VpcException failure, Again again);

  /** What came so far may be looked at. */
  public abstract void onReadComplete();

  // ---- time

  /**
   * Bounds the time until the head of the response.
   *
   * @param headByNs on the ticker's clock; {@link Long#MAX_VALUE} for no bound, or none any more
   */
  protected final void expectHeadBy(long headByNs) {
    this.headByNs = headByNs;
  }

  /** The earlier of the deadlines of the whole and of the head. */
  protected final long nextDeadlineNs() {
    return sooner(deadlineNs, headByNs);
  }

  /**
   * Octets moved.
   *
   * @param sending whether some of the request is still to be written
   * @param owed whether the far end owes us octets: true once the request is sent, false while we
   *     do not read because the window is full
   */
  public final void progress(long nowNs, boolean sending, boolean owed) {
    this.progressNs = nowNs;
    this.sending = sending;
    this.owed = owed;
  }

  /** When {@link #lateness} may become true; {@link Long#MAX_VALUE} for never. */
  public final long dueNs() {
    var due = nextDeadlineNs();
    if (sending) {
      due = sooner(due, progressNs + limits.writeTimeout().toNanos());
    }
    if (owed) {
      due = sooner(due, progressNs + limits.readTimeout().toNanos());
    }
    return due;
  }

  /** Why this exchange must stop at {@code nowNs}; null if it may go on. */
  public final @Nullable VpcException lateness(long nowNs) {
    if (deadlineNs != Long.MAX_VALUE && nowNs - deadlineNs >= 0) {
      return new VpcException(
          ErrorCode.REQUEST_TIMEOUT,
          owed ? Stage.RESPONSE : Stage.REQUEST,
          "The request's deadline passed before its response was complete.");
    }
    var headBy = headByNs;
    if (headBy != Long.MAX_VALUE && nowNs - headBy >= 0) {
      return new VpcException(
          ErrorCode.REQUEST_TIMEOUT,
          owed ? Stage.RESPONSE : Stage.REQUEST,
          "The response did not begin within the time that the request allows.");
    }
    if (sending && nowNs - progressNs >= limits.writeTimeout().toNanos()) {
      return new VpcException(
          ErrorCode.CONNECTION_WRITE_TIMEOUT,
          Stage.REQUEST,
          "The connection took none of the request for "
              + limits.writeTimeout().toMillis()
              + " ms.");
    }
    if (owed && nowNs - progressNs >= limits.readTimeout().toNanos()) {
      return new VpcException(
          ErrorCode.CONNECTION_READ_TIMEOUT,
          Stage.RESPONSE,
          "Nothing of the response came for " + limits.readTimeout().toMillis() + " ms.");
    }
    return null;
  }

  /** The earlier of two times, either of which may be {@link Long#MAX_VALUE} for never. */
  public static long sooner(long oneNs, long otherNs) {
    if (oneNs == Long.MAX_VALUE) {
      return otherNs;
    }
    return otherNs == Long.MAX_VALUE || oneNs - otherNs < 0 ? oneNs : otherNs;
  }
}

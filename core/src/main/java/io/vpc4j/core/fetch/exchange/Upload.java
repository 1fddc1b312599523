package io.vpc4j.core.fetch.exchange;

/**
 * A request's body on its way into one connection. Used once.
 *
 * <p><b>Threads.</b> {@link #start} and {@link #onWritable} are called on the connection's event
 * loop and must not block; {@link #cancel} from any thread. The upload calls its sink on that loop
 * only.
 */
public interface Upload {

  /** The length in octets, or {@link io.vpc4j.Body#UNKNOWN_LENGTH}. Constant. */
  long length();

  /** Begins to write into {@code sink}: at once what is in memory, later what has to be fetched. */
  void start(UploadSink sink);

  /** The sink is writable again. Not called before {@link #start} nor after the end. */
  void onWritable();

  /**
   * Stops and frees everything; called exactly once unless {@link UploadSink#end} or {@link
   * UploadSink#fail} came first, and harmless after them. May come before {@link #start}.
   */
  void cancel();
}

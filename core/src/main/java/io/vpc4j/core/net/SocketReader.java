package io.vpc4j.core.net;

/**
 * Reads a channel's socket in the channel's place, on its event loop, which keeps everything else
 * of it: registering, writing, closing.
 *
 * @see EventLoops#datagramChannels(java.util.function.Function)
 */
@FunctionalInterface
public interface SocketReader {

  /**
   * There is something to read, or an error to be told; called again, after other channels had
   * their turn, as long as there is. Called only while the channel is open and reads by itself
   * (auto-read).
   *
   * <p>Reads a bounded number of times, never waits, and throws nothing.
   *
   * @return false, and nothing has been read: the channel shall read, this time
   */
  boolean onReadable();
}

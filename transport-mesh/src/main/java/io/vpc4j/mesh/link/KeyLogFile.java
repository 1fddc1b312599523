package io.vpc4j.mesh.link;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.vpc4j.mesh.wireguard.KeyLog;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of every handshake, in a file that Wireshark reads as {@code wg.keylog_file}: with it a
 * capture of the UDP port shows the packets inside. Its owner alone may read it, where the file
 * system knows owners.
 *
 * <p>A thread of its own writes; while it is behind by {@link #MAX_QUEUED} lines, lines are lost.
 */
public final class KeyLogFile implements KeyLog, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(KeyLogFile.class);

  /** Lines that wait to be written; a handshake has four. */
  public static final int MAX_QUEUED = 4_096;

  private final RecordingThread recording;

  private KeyLogFile(RecordingThread recording) {
    this.recording = recording;
  }

  /**
   * Begins a file, or goes on with one that its owner alone may read.
   *
   * @throws java.nio.file.FileAlreadyExistsException if there is one that others may read
   * @throws IOException if it cannot be made
   */
  public static KeyLogFile open(Path path) throws IOException {
    var out = OwnersFile.open(path, OwnersFile.Existing.APPENDED);
    return new KeyLogFile(RecordingThread.start(out, "vpc4j-mesh-keys", MAX_QUEUED));
  }

  @Override
  public void line(String line) {
    if (!recording.offer((line + '\n').getBytes(US_ASCII))) {
      LOG.debug("A key is not recorded: too many wait.");
    }
  }

  /** Writes what waits, at most 2 s long, and closes the file. */
  @Override
  public void close() {
    recording.close();
  }
}

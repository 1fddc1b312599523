package io.vpc4j.mesh.link;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/** Recordings, which are secrets: their owner alone may read them, where the system has owners. */
final class OwnersFile {

  private static final Set<PosixFilePermission> OWNERS =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
  private static final int BUFFER_OCTETS = 1 << 16;

  private OwnersFile() {}

  /** What is done with a file that is there. */
  enum Existing {
    /** It is emptied, and made its owner's alone. */
    OVERWRITTEN,
    /** It is gone on with, if it is its owner's alone. */
    APPENDED
  }

  /**
   * Opens a file to be written; it is made where it is not there.
   *
   * @throws FileAlreadyExistsException if one that would be appended to can be read by others, or
   *     is no file
   * @throws IOException if it cannot be made
   */
  static OutputStream open(Path path, Existing existing) throws IOException {
    var posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
    var attributes =
        posix
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNERS)}
            : new FileAttribute<?>[0];
    try {
      return stream(
          path, EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes);
    } catch (FileAlreadyExistsException e) {
      if (existing == Existing.APPENDED) {
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
            || (posix && !OWNERS.containsAll(Files.getPosixFilePermissions(path)))) {
          throw e;
        }
        return stream(path, EnumSet.of(StandardOpenOption.WRITE, StandardOpenOption.APPEND));
      }
      if (posix && Files.isRegularFile(path)) {
        Files.setPosixFilePermissions(path, OWNERS); // before anything is in it
      }
      return stream(
          path, EnumSet.of(StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING));
    }
  }

  private static OutputStream stream(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    var channel = Files.newByteChannel(path, options, attributes);
    return new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_OCTETS);
  }
}

package io.vpc4j.core.config.edit;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.Arrays;
import java.util.Optional;

/**
 * Puts new content in the place of old in one step: whoever reads meanwhile sees the one or the
 * other, and so does whoever comes after a loss of power.
 *
 * <p>A neighbour, {@code .NAME.vpc4j-edit}, holds the new content until it takes the file's name.
 * It also keeps a second editor of this kind away. Others are not kept away, but noticed: the file
 * is read once more before it is replaced.
 */
final class FileSwap {

  private FileSwap() {}

  /** What a file holds; empty if there is none. A link is followed, and must lead to a file. */
  static Optional<byte[]> read(Path file) throws IOException {
    try {
      return Optional.of(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      if (Files.isSymbolicLink(file)) {
        throw new FileSystemException(
            file.toString(), null, "is a link to a file that is not there");
      }
      return Optional.empty();
    }
  }

  /**
   * Replaces {@code file}, or makes it.
   *
   * @param expected what it must hold now; empty if it must not be there
   * @return false if it holds something else, and was left alone
   * @throws IOException if it cannot be written; it is as it was
   */
  static boolean replace(Path file, Optional<byte[]> expected, byte[] octets) throws IOException {
    var target = expected.isPresent() ? file.toRealPath() : file.toAbsolutePath();
    var next = target.resolveSibling("." + target.getFileName() + ".vpc4j-edit");
    try {
      Files.createFile(next);
    } catch (FileAlreadyExistsException e) {
      throw new FileSystemException(
          next.toString(), null, "another vpc4j edits the file; if none runs, remove this one");
    }
    var moved = false;
    try {
      if (expected.isPresent()) {
        copyRights(target, next);
      }
      try (var out = new FileOutputStream(next.toFile())) {
        out.write(octets);
        out.getFD().sync();
      }
      var now = read(file);
      if (now.isPresent() != expected.isPresent()
          || !Arrays.equals(now.orElse(new byte[0]), expected.orElse(new byte[0]))) {
        return false;
      }
      Files.move(next, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      moved = true;
      return true;
    } finally {
      if (!moved) {
        Files.deleteIfExists(next);
      }
    }
  }

  /**
   * Owner, group and permissions: a file that changes hands by being edited would be a surprise.
   */
  private static void copyRights(Path from, Path to) throws IOException {
    var old = Files.getFileAttributeView(from, PosixFileAttributeView.class);
    var made =
        Files.getFileAttributeView(to, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (old == null || made == null) {
      return; // not a POSIX file system: the folder's rights are inherited
    }
    var rights = old.readAttributes();
    var current = made.readAttributes();
    if (!rights.owner().equals(current.owner())) {
      made.setOwner(rights.owner());
    }
    if (!rights.group().equals(current.group())) {
      made.setGroup(rights.group());
    }
    made.setPermissions(rights.permissions());
  }
}

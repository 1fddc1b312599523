package io.vpc4j.core.config.edit;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** Files with secrets in them: their owner's alone from the moment they are made. */
public final class OwnerOnly {

  private OwnerOnly() {}

  /**
   * Makes a file with this content; its folders are made too, where they are not there.
   *
   * @throws FileAlreadyExistsException if it is there: a secret is never overwritten
   * @throws IOException if it cannot be written; it is not there then
   */
  public static void create(Path file, byte[] octets) throws IOException {
    var folder = file.toAbsolutePath().getParent();
    if (folder != null && !Files.isDirectory(folder)) {
      Files.createDirectories(folder, attributes(folder, "rwx------"));
    }
    Files.createFile(file, attributes(file, "rw-------"));
    var written = false;
    try (var out = new FileOutputStream(file.toFile())) {
      out.write(octets);
      out.getFD().sync();
      written = true;
    } finally {
      if (!written) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static FileAttribute<?>[] attributes(Path file, String permissions) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }
}

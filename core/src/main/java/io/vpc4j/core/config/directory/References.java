package io.vpc4j.core.config.directory;

import io.vpc4j.core.net.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Values that stand elsewhere: {@code env:NAME} and {@code file:path}, or the text itself.
 *
 * <p>No message made here holds a value, what a file holds, or a malformed reference: any of them
 * may be a secret that somebody put in the wrong place.
 */
final class References {

  /** Whether others may know the value. */
  enum Privacy {
    /** Nobody may: a warning if it stands in the file itself, or in a file that others can read. */
    SECRET,
    /** It is no secret. */
    PUBLIC
  }

  /** What a referenced file may hold: some dozens of certificates, and no mistake of a name. */
  static final int MAX_FILE_OCTETS = 1 << 20;

  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,255}");

  private static final Set<PosixFilePermission> OWNER =
      Set.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  private References() {}

  /** The text that {@code item} stands for; surrounding blanks and line ends are dropped. */
  static Optional<String> resolve(Item item, Privacy privacy) {
    return item.text().flatMap(text -> resolve(item, text, privacy));
  }

  /**
   * Octets in base64.
   *
   * @param min at least so many
   * @param max at most so many
   */
  static Optional<Secret> base64(Item item, int min, int max) {
    var text = resolve(item, Privacy.SECRET);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    var octets = decode(text.orElseThrow());
    if (octets.length < min || octets.length > max) {
      item.error("must be " + count(min, max) + " octets in base64");
      return Optional.empty();
    }
    return Optional.of(Secret.of(octets));
  }

  /** The octets; none for text that is not base64. */
  static byte[] decode(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }

  private static String count(int min, int max) {
    return min == max ? Integer.toString(min) : min + " to " + max;
  }

  private static Optional<String> resolve(Item item, String text, Privacy privacy) {
    var found =
        text.startsWith("env:")
            ? variable(item, text.substring(4))
            : text.startsWith("file:")
                ? file(item, text.substring(5), privacy)
                : inline(item, text, privacy);
    return found.map(String::strip).filter(value -> isThere(item, value));
  }

  private static boolean isThere(Item item, String value) {
    if (value.isEmpty()) {
      item.error("is empty");
      return false;
    }
    return true;
  }

  private static Optional<String> variable(Item item, String name) {
    if (!VARIABLE.matcher(name).matches()) {
      item.error("\"env:\" must be followed by the name of an environment variable");
      return Optional.empty();
    }
    if (!item.reading().resolves()) {
      return Optional.empty();
    }
    var value = item.reading().environment.variable(name);
    if (value.isEmpty()) {
      item.error("the environment variable " + name + " is not set");
    }
    return value;
  }

  private static Optional<String> inline(Item item, String text, Privacy privacy) {
    if (privacy == Privacy.SECRET) {
      item.warning(
          "a secret stands in the file itself; \"env:NAME\" and \"file:path\" keep it out");
    }
    return Optional.of(text);
  }

  private static Optional<String> file(Item item, String name, Privacy privacy) {
    Path path;
    try {
      path = item.reading().folder.resolve(name).normalize();
    } catch (InvalidPathException e) {
      item.error("\"file:\" must be followed by a path");
      return Optional.empty();
    }
    if (!item.reading().resolves()) {
      return Optional.empty();
    }
    item.reading().files.add(path);
    try {
      // A pipe or a device could make us wait for ever.
      if (Files.exists(path) && !Files.isRegularFile(path)) {
        item.error("not a file: " + path);
        return Optional.empty();
      }
      try (var in = Files.newInputStream(path)) {
        var octets = in.readNBytes(MAX_FILE_OCTETS + 1);
        if (octets.length > MAX_FILE_OCTETS) {
          item.error(path + " is larger than " + MAX_FILE_OCTETS + " octets");
          return Optional.empty();
        }
        if (privacy == Privacy.SECRET) {
          checkOwnerOnly(item, path);
        }
        return Optional.of(new String(octets, StandardCharsets.UTF_8));
      }
    } catch (NoSuchFileException e) {
      item.error("there is no file " + path);
    } catch (IOException | SecurityException e) {
      item.error("cannot read " + path + " (" + e.getClass().getSimpleName() + ")");
    }
    return Optional.empty();
  }

  private static void checkOwnerOnly(Item item, Path path) throws IOException {
    try {
      if (!OWNER.containsAll(Files.getPosixFilePermissions(path))) {
        item.warning(path + " can be read by others than its owner; chmod 600 it");
      }
    } catch (UnsupportedOperationException e) {
      // Not a POSIX file system: its access lists are its administrator's.
    }
  }
}

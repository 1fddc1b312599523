package io.vpc4j.core.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A configuration file, read.
 *
 * <p>Bounds, each refused with a {@link ConfigDocumentException}: {@value #MAX_OCTETS} octets,
 * {@value #MAX_DEPTH} levels of nesting, {@value #MAX_VALUES} values, {@value #MAX_NUMBER_LENGTH}
 * characters in a number.
 *
 * <p>Octets are UTF-8. One leading byte order mark is dropped; malformed sequences become U+FFFD,
 * as they do in Node.js; the marks of UTF-16 and UTF-32 are refused.
 *
 * @param fileName the file as it was named
 * @param dialect the language it is in
 * @param root the whole of it
 */
public record ConfigDocument(String fileName, Dialect dialect, ConfigValue root) {

  /** The largest document, in octets. */
  public static final int MAX_OCTETS = 16 * 1024 * 1024;

  /** The deepest nesting of arrays, objects and tables. */
  public static final int MAX_DEPTH = 1000;

  /** The most values in one document, arrays and objects included. */
  public static final int MAX_VALUES = 2_000_000;

  /** The longest number, in characters. */
  public static final int MAX_NUMBER_LENGTH = 10_000;

  /**
   * Reads a file in the dialect its name announces.
   *
   * @throws ConfigDocumentException if it cannot be read, is not well formed, is past a bound, or
   *     has a name that announces no dialect
   */
  public static ConfigDocument read(Path file, DuplicateKeys duplicates)
      throws ConfigDocumentException {
    var name = file.toString();
    var dialect =
        Dialect.of(name)
            .orElseThrow(
                () ->
                    new ConfigDocumentException(
                        name, 0, 0, "the name must end in .json, .jsonc or .toml"));
    return parse(name, octets(file), dialect, duplicates);
  }

  /**
   * Reads a document.
   *
   * @param fileName for messages
   * @throws ConfigDocumentException if it is not well formed or is past a bound
   */
  public static ConfigDocument parse(
      String fileName, byte[] octets, Dialect dialect, DuplicateKeys duplicates)
      throws ConfigDocumentException {
    if (octets.length > MAX_OCTETS) {
      throw tooLarge(fileName);
    }
    Utf8.refuseForeignMarks(fileName, octets);
    var text = Utf8.decode(octets);
    var root =
        dialect == Dialect.TOML
            ? new TomlReader(fileName, text).read()
            : new JsoncReader(fileName, text, duplicates).read();
    return new ConfigDocument(fileName, dialect, root);
  }

  /**
   * The octets of a file, at most {@value #MAX_OCTETS}.
   *
   * @throws ConfigDocumentException if it cannot be read or is larger
   */
  public static byte[] octets(Path file) throws ConfigDocumentException {
    try (var in = Files.newInputStream(file)) {
      var octets = in.readNBytes(MAX_OCTETS + 1);
      if (octets.length > MAX_OCTETS) {
        throw tooLarge(file.toString());
      }
      return octets;
    } catch (IOException e) {
      var unreadable =
          new ConfigDocumentException(
              file.toString(), 0, 0, "Could not read file: " + file + " (" + e + ")");
      unreadable.initCause(e);
      throw unreadable;
    }
  }

  private static ConfigDocumentException tooLarge(String fileName) {
    return new ConfigDocumentException(
        fileName, 0, 0, "the document is larger than " + MAX_OCTETS + " octets");
  }
}

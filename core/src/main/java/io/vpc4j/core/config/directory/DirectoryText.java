package io.vpc4j.core.config.directory;

import io.vpc4j.Problem.Severity;
import io.vpc4j.core.config.ConfigDocument;
import io.vpc4j.core.config.ConfigDocumentException;
import io.vpc4j.core.config.ConfigValue;
import io.vpc4j.core.config.Dialect;
import io.vpc4j.core.config.DuplicateKeys;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * From a file to a {@link ConfigValue}. Stricter than wrangler, whose rules the documents follow
 * otherwise: a key is set once, and the octets are UTF-8.
 */
final class DirectoryText {

  private DirectoryText() {}

  /** What {@code file} holds; empty, and the problem noted, if that cannot be told. */
  static Optional<ConfigValue> read(Path file, Problems problems) {
    var octets = octets(file, problems);
    if (octets.isEmpty()) {
      return Optional.empty();
    }
    return parse(file, octets.orElseThrow(), problems);
  }

  /** What {@code octets} say; empty, and the problem noted, if that cannot be told. */
  static Optional<ConfigValue> parse(Path file, byte[] octets, Problems problems) {
    if (!isUtf8(octets)) {
      return refuse(problems, "is not UTF-8");
    }
    var dialect = file.toString().endsWith(".toml") ? Dialect.TOML : Dialect.JSONC;
    try {
      return Optional.of(
          ConfigDocument.parse(file.toString(), octets, dialect, DuplicateKeys.REFUSED).root());
    } catch (ConfigDocumentException e) {
      // Not its cause, which quotes the file; and of its own words none that do.
      problems.add(Severity.ERROR, e.line(), e.column(), "", withoutQuotes(e.reason()));
      return Optional.empty();
    }
  }

  /** The only message that quotes more of the file than a character or a key names a symbol. */
  private static String withoutQuotes(String reason) {
    return reason.startsWith("InvalidSymbol: ")
        ? "InvalidSymbol: this is not JSON; a string stands in double quotes"
        : Item.shortened(reason);
  }

  private static Optional<byte[]> octets(Path file, Problems problems) {
    try {
      // A pipe or a device could make us wait for ever.
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        return refuse(problems, "not a file");
      }
      try (var in = Files.newInputStream(file)) {
        var octets = in.readNBytes(ConfigDocument.MAX_OCTETS + 1);
        if (octets.length > ConfigDocument.MAX_OCTETS) {
          return refuse(problems, "is larger than " + ConfigDocument.MAX_OCTETS + " octets");
        }
        return Optional.of(octets);
      }
    } catch (NoSuchFileException e) {
      return refuse(problems, "there is no such file");
    } catch (IOException | SecurityException e) {
      return refuse(problems, "cannot be read (" + e.getClass().getSimpleName() + ")");
    }
  }

  private static boolean isUtf8(byte[] octets) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static <T> Optional<T> refuse(Problems problems, String message) {
    problems.add(Severity.ERROR, 0, 0, "", message);
    return Optional.empty();
  }
}

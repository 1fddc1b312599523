package io.vpc4j.core.config.directory;

import io.vpc4j.Problem.Severity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * From a file to a {@link Value}: at most so many octets, UTF-8 with or without its mark, and then
 * the format that the name says.
 */
final class DirectoryText {

  /** Deeper than any section; only what is under {@code transports} could want more. */
  static final int MAX_DEPTH = 64;

  private DirectoryText() {}

  /** What {@code file} holds; empty, and the problem noted, if that cannot be told. */
  static Optional<Value> read(Path file, Problems problems) {
    var isToml = file.toString().endsWith(".toml");
    var max = isToml ? DirectoryReader.MAX_TOML_OCTETS : DirectoryReader.MAX_FILE_OCTETS;
    return octets(file, max, problems)
        .flatMap(octets -> text(octets, problems))
        .flatMap(text -> isToml ? TomlTree.read(text, problems) : JsoncTree.read(text, problems));
  }

  private static Optional<byte[]> octets(Path file, int max, Problems problems) {
    try {
      // A pipe or a device could make us wait for ever.
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        return refuse(problems, "not a file");
      }
      try (var in = Files.newInputStream(file)) {
        var octets = in.readNBytes(max + 1);
        return octets.length > max
            ? refuse(
                problems,
                "is larger than "
                    + max
                    + " octets"
                    + (max < DirectoryReader.MAX_FILE_OCTETS ? "; as JSONC it may be larger" : ""))
            : Optional.of(octets);
      }
    } catch (NoSuchFileException e) {
      return refuse(problems, "there is no such file");
    } catch (IOException | SecurityException e) {
      return refuse(problems, "cannot be read (" + e.getClass().getSimpleName() + ")");
    }
  }

  private static Optional<String> text(byte[] octets, Problems problems) {
    try {
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
      return Optional.of(text.startsWith("\uFEFF") ? text.substring(1) : text);
    } catch (CharacterCodingException e) {
      return refuse(problems, "is not UTF-8");
    }
  }

  private static <T> Optional<T> refuse(Problems problems, String message) {
    problems.add(Severity.ERROR, 0, 0, "", message);
    return Optional.empty();
  }
}

package io.vpc4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vpc4j.Body;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What {@code -d}, {@code --data-binary} and {@code -T} send: text, or {@code @FILE}, or {@code @-}
 * for stdin. Several are joined with {@code &}, as curl joins them. Files and stdin are streamed.
 */
final class RequestData {

  private final InputStream stdin;

  RequestData(InputStream stdin) {
    this.stdin = stdin;
  }

  /** {@code -d}: what comes from a file loses its line ends. */
  Body form(List<String> parts) throws Failure, IOException {
    return parts.stream().anyMatch(part -> part.startsWith("@"))
        ? Body.of(joined(parts, true))
        : text(parts);
  }

  /** {@code --data-binary}: every octet is kept. */
  Body binary(List<String> parts) throws Failure, IOException {
    if (parts.size() == 1 && parts.get(0).startsWith("@")) {
      return upload(parts.get(0).substring(1)); // a file alone has a length to tell
    }
    return parts.stream().anyMatch(part -> part.startsWith("@"))
        ? Body.of(joined(parts, false))
        : text(parts);
  }

  /** {@code -T}: a file, or {@code -}. */
  Body upload(String name) throws Failure {
    return name.equals("-") ? Body.of(stdin) : Body.of(file(name));
  }

  private static Body text(List<String> parts) {
    return Body.of(String.join("&", parts).getBytes(UTF_8));
  }

  private InputStream joined(List<String> parts, boolean withoutLineEnds)
      throws Failure, IOException {
    var streams = new ArrayList<InputStream>();
    for (var part : parts) {
      if (!streams.isEmpty()) {
        streams.add(new ByteArrayInputStream(new byte[] {'&'}));
      }
      if (!part.startsWith("@")) {
        streams.add(new ByteArrayInputStream(part.getBytes(UTF_8)));
      } else {
        var source = open(part.substring(1));
        streams.add(withoutLineEnds ? new WithoutLineEnds(source) : source);
      }
    }
    return new SequenceInputStream(Collections.enumeration(streams));
  }

  private InputStream open(String name) throws Failure, IOException {
    return name.equals("-") ? stdin : Files.newInputStream(file(name));
  }

  private static Path file(String name) throws Failure {
    try {
      var path = Path.of(name);
      if (Files.isReadable(path) && !Files.isDirectory(path)) {
        return path;
      }
    } catch (InvalidPathException e) {
      // is said below, as for any other name that leads nowhere
    }
    throw new Failure(ExitCode.READ_ERROR, "Cannot read " + name + ".");
  }
}

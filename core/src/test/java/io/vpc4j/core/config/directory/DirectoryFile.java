package io.vpc4j.core.config.directory;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.vpc4j.Problem;
import io.vpc4j.Problem.Severity;
import io.vpc4j.core.directory.DirectorySnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

/** A directory file in a folder of its own, and its readings. */
final class DirectoryFile {

  static final String TUNNEL = "f70ff985-a4ef-4643-bbbc-4a0ed4fc8415";

  /** 32 octets in base64. */
  static final String KEY = "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08=";

  private final Path path;

  DirectoryFile(Path folder, String name) {
    this.path = folder.resolve(name);
  }

  static DirectoryFile jsonc(Path folder) {
    return new DirectoryFile(folder, "directory.jsonc");
  }

  Path path() {
    return path;
  }

  DirectoryFile write(String text) {
    try {
      Files.writeString(path, text);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Puts a file beside it that only its owner may read. */
  DirectoryFile beside(String name, String text) {
    try {
      var file = path.resolveSibling(name);
      Files.writeString(file, text);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  DirectoryReader.Result read() {
    return read(Map.of());
  }

  DirectoryReader.Result read(Map<String, String> variables) {
    return DirectoryReader.read(path, Environment.of(variables));
  }

  /** What is in it, which must be right. */
  DirectorySnapshot snapshot() {
    var result = read();
    return result.snapshot().orElseThrow(() -> new AssertionError(result.problems()));
  }

  /** Its problems as {@code line: scope: message}. */
  List<String> complaints() {
    return complaints(read());
  }

  static List<String> complaints(DirectoryReader.Result result) {
    return result.problems().stream().map(DirectoryFile::line).toList();
  }

  private static String line(Problem problem) {
    return (problem.severity() == Severity.WARNING ? "warning " : "")
        + problem.line()
        + ": "
        + (problem.scope().isEmpty() ? "" : problem.scope() + ": ")
        + problem.message();
  }

  /** A certificate that signed itself, with its key. */
  static X509Bundle certificate() {
    try {
      return new CertificateBuilder()
          .subject("CN=api.internal.local")
          .setIsCertificateAuthority(true)
          .buildSelfSigned();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}

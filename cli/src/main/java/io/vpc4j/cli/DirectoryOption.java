package io.vpc4j.cli;

import io.vpc4j.ConfigurationException;
import io.vpc4j.core.config.directory.DirectoryReader;
import io.vpc4j.core.config.directory.Environment;
import io.vpc4j.core.config.edit.DirectoryEditor;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.runtime.Configuration;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which directory: the same for every command that reads or changes one. */
final class DirectoryOption {

  /** What an edge section that names none has. */
  private static final String DEFAULT_STATE_FOLDER = ".vpc4j";

  @Option(
      names = "--directory",
      paramLabel = "FILE",
      description =
          "The connectivity directory. Default: directory.jsonc or .toml beside the wrangler file,"
              + " or here.")
  @Nullable Path directory;

  @SuppressWarnings("NullAway.Init")
  DirectoryOption() {}

  /** The file, whether or not it is there. */
  Path file() throws ConfigurationException {
    var sources = Configuration.sources(Optional.empty(), Optional.ofNullable(directory));
    return sources
        .directory()
        .orElseGet(
            () ->
                sources
                    .config()
                    .map(config -> config.resolveSibling("directory.jsonc"))
                    .orElse(Path.of("directory.jsonc")));
  }

  /** The file, to be changed. */
  DirectoryEditor edit() throws ConfigurationException, Failure {
    var file = file();
    try {
      return DirectoryEditor.open(file);
    } catch (ConfigurationException e) {
      throw e; // which is an IOException too
    } catch (IOException e) {
      throw new Failure(ExitCode.READ_ERROR, "Cannot read " + file + ": " + e + ".");
    }
  }

  /** What the file says, secrets included. */
  DirectorySnapshot snapshot() throws ConfigurationException {
    var result = DirectoryReader.read(file(), Environment.system());
    return result.snapshot().orElseThrow(() -> new ConfigurationException(result.problems()));
  }

  /** Writes what was changed; what is to be said of the file goes to stderr. */
  static void write(DirectoryEditor editor, java.io.PrintWriter err)
      throws ConfigurationException, Failure {
    try {
      editor.write().forEach(err::println);
    } catch (ConfigurationException e) {
      throw e; // which is an IOException too
    } catch (IOException e) {
      throw new Failure(ExitCode.WRITE_ERROR, "Cannot write " + editor.file() + ": " + e + ".");
    }
  }

  /** Where what outlives a process is kept; absolute. */
  static Path stateFolder(DirectoryEditor editor) {
    return editor.snapshot().edge().isPresent()
        ? editor.snapshot().edge().orElseThrow().stateFolder()
        : stateFolder(editor.file());
  }

  /** The same, for a directory that says nothing of it. */
  static Path stateFolder(Path file) {
    return file.toAbsolutePath().normalize().resolveSibling(DEFAULT_STATE_FOLDER);
  }

  /** A path as the directory's {@code file:} wants it: relative to its folder where it can be. */
  static String reference(Path directory, Path file) {
    var folder = directory.toAbsolutePath().normalize().getParent();
    return "file:" + (folder != null && file.startsWith(folder) ? folder.relativize(file) : file);
  }
}

package io.vpc4j.core.config.wrangler;

import io.vpc4j.core.config.ConfigDocument;
import io.vpc4j.core.config.ConfigDocumentException;
import io.vpc4j.core.config.ConfigValue;
import io.vpc4j.core.config.ConfigValue.NullValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import io.vpc4j.core.config.Dialect;
import io.vpc4j.core.config.DuplicateKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Finds the configuration as wrangler does: {@code wrangler.json} here or in a folder above; only
 * if there is none up to the root, {@code wrangler.jsonc}, likewise; then {@code wrangler.toml}. So
 * a parent's {@code .json} comes before this folder's {@code .jsonc}.
 */
public final class WranglerFiles {

  private static final Path DEPLOY_CONFIG = Path.of(".wrangler", "deploy", "config.json");

  /**
   * What was found.
   *
   * @param config the file to read
   * @param userConfig the file the user wrote; the same unless redirected
   * @param deployConfig the file that redirects
   * @param redirected whether a tool has put {@code config} in {@code userConfig}'s place
   */
  public record Found(
      Optional<Path> config,
      Optional<Path> userConfig,
      Optional<Path> deployConfig,
      boolean redirected) {

    /** A path that was given, and not looked for: never redirected, need not exist. */
    public static Found given(Path config) {
      return new Found(Optional.of(config), Optional.of(config), Optional.empty(), false);
    }
  }

  private WranglerFiles() {}

  /**
   * Looks for the file. Finding none is no error.
   *
   * @param workingDirectory where to begin
   * @param redirect whether {@code .wrangler/deploy/config.json} counts, as it does for wrangler's
   *     dev and deploy
   * @throws ConfigDocumentException if there is such a file and it leads nowhere
   */
  public static Found find(Path workingDirectory, boolean redirect) throws ConfigDocumentException {
    var from = workingDirectory.toAbsolutePath().normalize();
    var user =
        upwards(from, Path.of("wrangler.json"))
            .or(() -> upwards(from, Path.of("wrangler.jsonc")))
            .or(() -> upwards(from, Path.of("wrangler.toml")));
    var deploy = redirect ? upwards(from, DEPLOY_CONFIG) : Optional.<Path>empty();
    if (deploy.isEmpty()) {
      return new Found(user, user, Optional.empty(), false);
    }
    var target = target(from, deploy.get());
    if (user.isPresent() && !user.get().resolveSibling(DEPLOY_CONFIG).equals(deploy.get())) {
      throw refused(
          deploy.get(),
          "Found both a user configuration file at \""
              + relative(from, user.get())
              + "\"\nand a deploy configuration file at \""
              + relative(from, deploy.get())
              + "\".\nBut these do not share the same base path so it is not clear which should be "
              + "used.");
    }
    boolean redirected = !user.equals(Optional.of(target));
    return new Found(Optional.of(target), user, deploy, redirected);
  }

  /** The nearest file of that name, no folder. */
  private static Optional<Path> upwards(Path from, Path name) {
    for (Path folder = from; folder != null; folder = folder.getParent()) {
      var candidate = folder.resolve(name);
      if (Files.isRegularFile(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  /** Where a deploy configuration leads: {@code configPath}, from the folder it stands in. */
  private static Path target(Path from, Path deploy) throws ConfigDocumentException {
    var octets = ConfigDocument.octets(deploy);
    var shown = relative(from, deploy);
    var unparsable = "Failed to parse the deploy configuration file at " + shown;
    ConfigValue root;
    try {
      root =
          ConfigDocument.parse(deploy.toString(), octets, Dialect.JSONC, DuplicateKeys.LAST_WINS)
              .root();
    } catch (ConfigDocumentException e) {
      throw new ConfigDocumentException(
          e.fileName(), e.line(), e.column(), unparsable + ": " + e.reason());
    }
    if (root instanceof NullValue) {
      throw refused(deploy, unparsable);
    }
    var configPath = new Js(Dialect.JSONC).get(root, "configPath");
    if (!Js.isTruthy(configPath)) {
      throw refused(
          deploy,
          "A deploy configuration file was found at \""
              + shown
              + "\".\n"
              + "But this is not valid - the required \"configPath\" property was not found.\n"
              + "Instead this file contains:\n```\n"
              + excerpt(octets)
              + "\n```");
    }
    if (!(configPath instanceof StringValue path)) {
      throw refused(deploy, unparsable);
    }
    Path target;
    try {
      target = deploy.resolveSibling(path.value()).normalize();
    } catch (InvalidPathException e) {
      throw refused(deploy, unparsable);
    }
    if (!Files.exists(target)) {
      throw refused(
          deploy,
          "There is a deploy configuration at \""
              + shown
              + "\".\n"
              + "But the redirected configuration path it points to, \""
              + relative(from, target)
              + "\", does not exist.");
    }
    return target;
  }

  private static String excerpt(byte[] octets) {
    int length = Math.min(octets.length, 4096);
    return new String(octets, 0, length, StandardCharsets.UTF_8);
  }

  private static ConfigDocumentException refused(Path file, String message) {
    return new ConfigDocumentException(file.toString(), 0, 0, message);
  }

  private static String relative(Path from, Path file) {
    try {
      return from.relativize(file).toString();
    } catch (IllegalArgumentException e) {
      return file.toString(); // on another drive
    }
  }
}

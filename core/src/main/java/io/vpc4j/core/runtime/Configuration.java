package io.vpc4j.core.runtime;

import io.vpc4j.ConfigurationException;
import io.vpc4j.NetworkTarget;
import io.vpc4j.Problem;
import io.vpc4j.Vpc;
import io.vpc4j.core.config.ConfigDocumentException;
import io.vpc4j.core.config.directory.DirectoryReader;
import io.vpc4j.core.config.directory.Environment;
import io.vpc4j.core.config.directory.FileDirectory;
import io.vpc4j.core.config.directory.FileDirectory.Options;
import io.vpc4j.core.config.directory.FileDirectory.Watching;
import io.vpc4j.core.config.wrangler.CheckReport;
import io.vpc4j.core.config.wrangler.RemoteFlag;
import io.vpc4j.core.config.wrangler.WranglerConfig;
import io.vpc4j.core.config.wrangler.WranglerFiles;
import io.vpc4j.core.config.wrangler.WranglerFiles.Found;
import io.vpc4j.core.config.wrangler.WranglerReader;
import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.routing.BindingRoutes;
import io.vpc4j.core.routing.BindingSpec;
import io.vpc4j.core.spi.TransportProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two files, read: what they ask for as a {@link RuntimePlan}, or what is wrong with them.
 *
 * <p>Problems of both files are reported together, so that a person mends them in one go.
 */
public final class Configuration {

  private static final Logger LOG = LoggerFactory.getLogger(Configuration.class);

  private static final List<String> DIRECTORY_NAMES =
      List.of("directory.jsonc", "directory.json", "directory.toml");

  private Configuration() {}

  /**
   * Reads what {@code settings} names.
   *
   * @throws ConfigurationException with everything that is wrong in either file
   */
  static RuntimePlan read(Vpc.Builder settings) throws ConfigurationException {
    var found = wranglerFile(settings.config());
    var wrangler = reader(settings.environment()).read(found);
    var problems = new ArrayList<>(wrangler.problems());
    var file = directoryFile(settings.directory(), found);
    Directory directory;
    try {
      directory = open(file, settings.watch(), problems);
    } catch (ConfigurationException e) {
      problems.addAll(e.problems());
      throw new ConfigurationException(problems);
    }
    if (!wrangler.ok()) {
      directory.close();
      throw new ConfigurationException(problems);
    }
    problems.forEach(problem -> LOG.warn("{}", problem));
    return new RuntimePlan(
        bindings(wrangler, settings.mode()),
        directory,
        settings.limits(),
        settings.executor().orElseGet(ForkJoinPool::commonPool),
        problems,
        settings.statusAddress());
  }

  private static Directory open(Optional<Path> file, boolean watch, List<Problem> problems)
      throws ConfigurationException {
    if (file.isEmpty()) {
      return Directory.fixed(DirectorySnapshot.empty());
    }
    var options = Options.defaults();
    var directory =
        FileDirectory.open(file.get(), watch ? options : options.withWatching(Watching.OFF));
    problems.addAll(directory.problems());
    return directory;
  }

  private static List<BindingSpec> bindings(WranglerConfig wrangler, Vpc.Mode mode) {
    var bindings = new ArrayList<BindingSpec>();
    wrangler
        .networks()
        .forEach(
            binding ->
                bindings.add(
                    new BindingSpec.Network(
                        binding.name(),
                        binding.target(),
                        isSimulated(binding.name(), binding.remote(), mode))));
    wrangler
        .services()
        .forEach(
            binding ->
                bindings.add(
                    new BindingSpec.Service(
                        binding.name(),
                        binding.serviceId(),
                        isSimulated(binding.name(), binding.remote(), mode))));
    return bindings;
  }

  private static boolean isSimulated(String name, RemoteFlag remote, Vpc.Mode mode) {
    var simulated =
        switch (mode) {
          case REAL -> false;
          case SIMULATED -> true;
          case AS_CONFIGURED -> !remote.value();
        };
    if (simulated) {
      LOG.info("binding {} reaches the simulated network: it is not \"remote\": true", name);
    }
    return simulated;
  }

  // ---- finding the files

  private static Found wranglerFile(Optional<Path> given) throws ConfigurationException {
    if (given.isPresent()) {
      return Found.given(given.get());
    }
    try {
      return WranglerFiles.find(Path.of(""), false);
    } catch (ConfigDocumentException e) {
      throw new ConfigurationException(List.of(e.problem(Problem.Origin.WRANGLER)));
    }
  }

  /** The one given, else the one beside the configuration, else none. */
  private static Optional<Path> directoryFile(Optional<Path> given, Found found) {
    if (given.isPresent()) {
      return given;
    }
    var folder = found.config().map(Path::toAbsolutePath).map(Path::getParent);
    return DIRECTORY_NAMES.stream()
        .map(name -> folder.orElse(Path.of("").toAbsolutePath()).resolve(name))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  private static WranglerReader reader(Optional<String> environment) {
    var reader = WranglerReader.of(System.getenv()).networksKnownTo(known());
    return environment.isPresent() ? reader.environment(environment.get()) : reader;
  }

  /** Whether a transport on the path can make sense of a network. */
  private static Predicate<NetworkTarget> known() {
    var providers = InstalledTransports.found();
    return target -> knows(providers, target);
  }

  static boolean knows(List<TransportProvider> providers, NetworkTarget target) {
    return !(target instanceof NetworkTarget.Network network)
        || BindingRoutes.hopOf(network)
            .map(hop -> providers.stream().anyMatch(provider -> provider.carries(hop)))
            .orElse(true);
  }

  // ---- for the command

  /**
   * The files that {@link #check} would read, whether or not they are there.
   *
   * @param config empty to look for it as wrangler does
   * @param directory empty for the one beside it
   */
  public static Sources sources(Optional<Path> config, Optional<Path> directory)
      throws ConfigurationException {
    var found = wranglerFile(config);
    return new Sources(found.config(), directoryFile(directory, found));
  }

  /**
   * Everything there is to say of the two files, without opening anything.
   *
   * @param config empty to look for it as wrangler does
   * @param directory empty for the one beside it
   */
  public static List<Problem> check(
      Optional<Path> config, Optional<Path> directory, Optional<String> environment)
      throws ConfigurationException {
    var found = wranglerFile(config);
    var problems = new ArrayList<>(reader(environment).read(found).problems());
    directoryFile(directory, found)
        .ifPresent(
            file -> problems.addAll(DirectoryReader.read(file, Environment.system()).problems()));
    return problems;
  }

  /** What wrangler would say of one file, as one line of JSON; ours is not in it. */
  public static Checked checkLine(Path file, Optional<String> environment) {
    var reader = reader(environment);
    var config = reader.read(file);
    return new Checked(config.ok(), CheckReport.line(reader, config));
  }

  /**
   * Where a configuration comes from.
   *
   * @param config the wrangler file; empty if none was named and none is found
   * @param directory the connectivity directory; empty if none was named and none is beside it
   */
  public record Sources(Optional<Path> config, Optional<Path> directory) {}

  /**
   * One file's verdict.
   *
   * @param ok whether wrangler would use it
   * @param json the line, without its end
   */
  public record Checked(boolean ok, String json) {}
}

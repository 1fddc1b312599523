package io.vpc4j;

import io.vpc4j.spi.RuntimeProvider;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The bindings of one configuration, open and ready to fetch.
 *
 * <pre>{@code
 * try (var vpc = Vpc.load(Path.of("wrangler.jsonc"));
 *     var response = vpc.network("MY_VPC").fetch("http://10.0.1.50/data")) {
 *   System.out.println(response.text());
 * }
 * }</pre>
 *
 * <p>Make one and keep it: it holds the event loops, the connections and the transports. Safe for
 * use by many threads.
 */
public interface Vpc extends AutoCloseable {

  /** Reads {@code wranglerConfig}, and {@code directory.jsonc} or {@code .toml} beside it. */
  static Vpc load(Path wranglerConfig) throws VpcException {
    return builder().config(wranglerConfig).open();
  }

  /** Finds the configuration as wrangler does, from the working directory upwards. */
  static Vpc load() throws VpcException {
    return builder().open();
  }

  /** A builder with nothing set. */
  static Builder builder() {
    return new Builder();
  }

  /**
   * The {@code vpc_networks} binding of that name.
   *
   * @throws IllegalArgumentException if there is none; the message lists those there are
   */
  VpcNetwork network(String binding);

  /**
   * The {@code vpc_services} binding of that name.
   *
   * @throws IllegalArgumentException if there is none; the message lists those there are
   */
  VpcService service(String binding);

  /**
   * The binding of that name, of either kind.
   *
   * @throws IllegalArgumentException if there is none; the message lists those there are
   */
  Fetcher binding(String binding);

  /** The names of all bindings, networks first, each in the file's order. */
  Set<String> bindings();

  /**
   * Opens a proxy whose clients reach what {@code binding} reaches; Miniflare's clients name the
   * binding themselves. Closed with this.
   *
   * @param binding a name of {@link #bindings}
   * @throws IllegalArgumentException if there is none
   * @throws VpcException {@link ErrorCode#CONFIGURATION_ERROR} if the address cannot be listened on
   */
  Entrance entrance(String binding, EntranceOptions options) throws VpcException;

  /**
   * Opens a listener each of whose connections leads to one target: for programs and drivers that
   * know no proxy. Closed with this.
   *
   * <p>It carries octets and nothing else, so no client can say who it is: it is for this machine
   * alone.
   *
   * @param binding a name of {@link #bindings}
   * @param target {@code host:port}, for a network; ignored for a service, whose record decides
   * @throws IllegalArgumentException if there is no such binding, {@code target} cannot be used, or
   *     other machines could come in
   * @throws VpcException {@link ErrorCode#CONFIGURATION_ERROR} if the address cannot be listened on
   */
  Entrance forward(String binding, String target, EntranceOptions options) throws VpcException;

  /** What the configuration's readers warned of. */
  List<Problem> warnings();

  /**
   * Ends it: requests under way fail with {@link ErrorCode#REQUEST_ABORTED}, connections and
   * transports close. Waits at most 5 s. May be called again.
   */
  @Override
  void close();

  /** Which network a binding without {@code remote: true} reaches, and one with it. */
  enum Mode {
    /** {@code remote: true} is the real network; anything else is the simulated one. */
    AS_CONFIGURED,
    /** The real network, whatever {@code remote} says. */
    REAL,
    /** The simulated network, whatever {@code remote} says. */
    SIMULATED
  }

  /** Says what to open. Not safe for use by several threads. */
  final class Builder {

    private @Nullable Path config;
    private @Nullable Path directory;
    private @Nullable String environment;
    private Mode mode = Mode.AS_CONFIGURED;
    private Limits limits = Limits.defaults();
    private @Nullable Executor executor;
    private boolean watch = true;
    private @Nullable InetSocketAddress statusAddress;

    private Builder() {}

    /** The wrangler configuration. Default: found as wrangler finds it. */
    public Builder config(Path config) {
      this.config = config;
      return this;
    }

    /** The connectivity directory. Default: beside the configuration; none is fine. */
    public Builder directory(Path directory) {
      this.directory = directory;
      return this;
    }

    /** The named environment; empty for the top level. Default: {@code CLOUDFLARE_ENV}. */
    public Builder environment(String environment) {
      this.environment = environment;
      return this;
    }

    /** Which network. Default: {@link Mode#AS_CONFIGURED}. */
    public Builder mode(Mode mode) {
      this.mode = mode;
      return this;
    }

    /** Bounds where the directory sets none. Default: {@link Limits#defaults}. */
    public Builder limits(Limits limits) {
      this.limits = limits;
      return this;
    }

    /**
     * Where futures complete and publishers and listeners are called. Default: the common pool.
     *
     * <p>The library's own event loops never run application code.
     */
    public Builder executor(Executor executor) {
      this.executor = executor;
      return this;
    }

    /** Whether a change of the directory's file is taken up. Default: yes. */
    public Builder watch(boolean watch) {
      this.watch = watch;
      return this;
    }

    /**
     * Where to answer, over HTTP, how it stands: {@code /ready}, {@code /metrics} for Prometheus
     * and {@code /status} in JSON. Port 0 is any free one; the log says which. It has no passwords,
     * so it belongs on a loopback address. Default: nowhere.
     */
    public Builder statusAddress(InetSocketAddress address) {
      this.statusAddress = address;
      return this;
    }

    /** As set; empty for discovery. */
    public Optional<Path> config() {
      return Optional.ofNullable(config);
    }

    /** As set; empty for beside the configuration. */
    public Optional<Path> directory() {
      return Optional.ofNullable(directory);
    }

    /** As set; empty for {@code CLOUDFLARE_ENV}. */
    public Optional<String> environment() {
      return Optional.ofNullable(environment);
    }

    /** As set. */
    public Mode mode() {
      return mode;
    }

    /** As set. */
    public Limits limits() {
      return limits;
    }

    /** As set; empty for the common pool. */
    public Optional<Executor> executor() {
      return Optional.ofNullable(executor);
    }

    /** As set. */
    public boolean watch() {
      return watch;
    }

    /** As set; empty for nowhere. */
    public Optional<InetSocketAddress> statusAddress() {
      return Optional.ofNullable(statusAddress);
    }

    /**
     * Opens it.
     *
     * @throws ConfigurationException if a file says something wrong; all problems at once
     * @throws VpcException if the engine cannot start
     * @throws IllegalStateException if {@code io.vpc4j.core} is not on the path
     */
    public Vpc open() throws VpcException {
      return ServiceLoader.load(RuntimeProvider.class)
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalStateException(
                      "no engine found: put io.vpc4j:vpc4j-core on the class path or module path"))
          .open(this);
    }
  }
}

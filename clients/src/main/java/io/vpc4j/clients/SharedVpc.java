package io.vpc4j.clients;

import io.vpc4j.Fetcher;
import io.vpc4j.Vpc;
import io.vpc4j.VpcException;
import io.vpc4j.VpcNetwork;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The {@link Vpc} of classes that nobody hands one: those that a driver makes from a name in its
 * configuration.
 *
 * <p>Which one it is, the first that applies:
 *
 * <ol>
 *   <li>the one the application gave with {@link #use};
 *   <li>one opened from the wrangler configuration that the system property {@value #CONFIG} names,
 *       with the directory beside it;
 *   <li>one opened from the wrangler configuration found as wrangler finds it, from the working
 *       directory upwards.
 * </ol>
 *
 * <p>The last two are opened when they are first asked for, once, and stay open as long as the
 * program runs; their threads are daemons. Safe for use by many threads.
 */
public final class SharedVpc {

  /** The system property with the path of a wrangler configuration. */
  public static final String CONFIG = "vpc4j.config";

  /** The system property with the name of the binding to use where none is named. */
  public static final String BINDING = "vpc4j.binding";

  private static final ReentrantLock OPENING = new ReentrantLock();
  private static volatile @Nullable Vpc given;
  private static volatile @Nullable Vpc opened;

  private SharedVpc() {}

  /**
   * Has {@code vpc} used from now on; connections that are open stay as they are.
   *
   * @param vpc still the caller's to close
   */
  public static void use(Vpc vpc) {
    given = vpc;
  }

  /** Takes back {@link #use}. */
  public static void forget() {
    given = null;
  }

  /**
   * The one in use.
   *
   * @throws VpcException if it is to be opened and cannot; the next call tries again
   */
  public static Vpc get() throws VpcException {
    var known = given;
    if (known == null) {
      known = opened;
    }
    return known == null ? open() : known;
  }

  private static Vpc open() throws VpcException {
    OPENING.lock();
    try {
      var known = opened;
      if (known == null) {
        var config = System.getProperty(CONFIG);
        known = config == null ? Vpc.load() : Vpc.load(Path.of(config));
        opened = known;
      }
      return known;
    } finally {
      OPENING.unlock();
    }
  }

  /**
   * A binding of the one in use.
   *
   * @param name its name; empty for the one that the system property {@value #BINDING} names, and
   *     without that for the only {@code vpc_networks} binding there is
   * @throws VpcException if the configuration cannot be opened
   * @throws IllegalArgumentException if there is no such binding, or more than one and none is
   *     named; the message lists those there are
   */
  public static Fetcher binding(String name) throws VpcException {
    var vpc = get();
    var named = name.isEmpty() ? System.getProperty(BINDING, "") : name;
    if (!named.isEmpty()) {
      return vpc.binding(named);
    }
    var networks = vpc.bindings().stream().map(vpc::binding).filter(VpcNetwork.class::isInstance);
    var all = networks.toList();
    if (all.size() != 1) {
      throw new IllegalArgumentException(
          "Which binding? Name it, or set the system property "
              + BINDING
              + ". There are: "
              + String.join(", ", vpc.bindings()));
    }
    return all.get(0);
  }
}

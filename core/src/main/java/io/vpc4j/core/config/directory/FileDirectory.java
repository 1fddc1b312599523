package io.vpc4j.core.config.directory;

import io.vpc4j.ConfigurationException;
import io.vpc4j.Problem;
import io.vpc4j.Problem.Severity;
import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.net.Ticker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory in a file, read again whenever the file changes, or one that its {@code file:} values
 * name.
 *
 * <p>A change is read, checked and made into a new snapshot, which then takes the place of the
 * running one in a single step. A change with an error in it is refused: the running snapshot
 * stays, the problems are logged at WARN and are there to be asked for, and the next change gets
 * its chance. Variables of the environment are read again with the file; a change of theirs alone
 * is not noticed.
 *
 * <p>{@link #snapshot} is one volatile read. One daemon thread does the rest.
 */
public final class FileDirectory implements Directory {

  private static final Logger log = LoggerFactory.getLogger(FileDirectory.class);

  /** Problems of one reading that are logged; {@link #problems} has them all. */
  private static final int MAX_LOGGED = 20;

  /** How changes are noticed. */
  public enum Watching {
    /** The file system's events, and a look every {@link Options#pollInterval} for want of them. */
    EVENTS,
    /** A look every {@link Options#pollInterval}, for file systems whose events cannot be had. */
    POLLING,
    /** Not at all, save by {@link FileDirectory#reload}. */
    OFF
  }

  /**
   * How a file is read and watched.
   *
   * @param environment where {@code env:NAME} is looked up. Default: the process's variables
   * @param ticker the clock of {@code settleTime}
   * @param watching how changes are noticed. Default: events
   * @param pollInterval between two looks. Default 5 s; 1 ms to 24 h. A look costs one query of the
   *     file system per file
   * @param settleTime for which a changed file must stay as it is before it is read. Default 100
   *     ms; 0 to 1 min
   */
  public record Options(
      Environment environment,
      Ticker ticker,
      Watching watching,
      Duration pollInterval,
      Duration settleTime) {

    private static final Options DEFAULTS =
        new Options(
            Environment.system(),
            Ticker.system(),
            Watching.EVENTS,
            Duration.ofSeconds(5),
            Duration.ofMillis(100));

    /** Checks the bounds. */
    public Options {
      if (pollInterval.toMillis() < 1 || pollInterval.compareTo(Duration.ofDays(1)) > 0) {
        throw new IllegalArgumentException("pollInterval must be 1 ms to 24 h");
      }
      if (settleTime.isNegative() || settleTime.compareTo(Duration.ofMinutes(1)) > 0) {
        throw new IllegalArgumentException("settleTime must be 0 to 1 min");
      }
    }

    /** The defaults. */
    public static Options defaults() {
      return DEFAULTS;
    }

    /** The same with another environment. */
    public Options withEnvironment(Environment environment) {
      return new Options(environment, ticker, watching, pollInterval, settleTime);
    }

    /** The same with another clock. */
    public Options withTicker(Ticker ticker) {
      return new Options(environment, ticker, watching, pollInterval, settleTime);
    }

    /** The same, noticing changes otherwise. */
    public Options withWatching(Watching watching) {
      return new Options(environment, ticker, watching, pollInterval, settleTime);
    }

    /** The same with other times. */
    public Options withTimes(Duration pollInterval, Duration settleTime) {
      return new Options(environment, ticker, watching, pollInterval, settleTime);
    }
  }

  private final Path file;
  private final Options options;
  private final FolderWatch watch;
  private final Thread watcher;
  private final CopyOnWriteArrayList<Listener> listeners = new CopyOnWriteArrayList<>();

  /** Guards the reading and what follows from it; never held by a reader of {@link #snapshot}. */
  private final ReentrantLock reading = new ReentrantLock();

  private final ChangeDetector detector;
  private volatile Set<Path> files;
  private volatile DirectorySnapshot snapshot;
  private volatile List<Problem> problems;
  private volatile boolean closed;

  /** An object per registration, so that one listener may be registered twice and undone once. */
  private record Listener(Object identity, Consumer<DirectorySnapshot> consumer) {}

  private FileDirectory(Path file, Options options, Reread first) {
    this.file = file;
    this.options = options;
    this.files = first.result().files();
    this.snapshot = first.result().snapshot().orElseThrow();
    this.problems = first.result().problems();
    this.detector = new ChangeDetector(options.settleTime().toNanos(), first.before());
    this.watch =
        options.watching() == Watching.EVENTS
            ? FolderWatch.open(file.getFileSystem())
            : FolderWatch.polling();
    this.watcher = new Thread(this::watch, "vpc4j-directory");
    this.watcher.setDaemon(true);
  }

  /**
   * Reads {@code file} and begins to watch it.
   *
   * @throws ConfigurationException if it has an error; every problem is in it
   */
  public static FileDirectory open(Path file, Options options) throws ConfigurationException {
    var path = file.toAbsolutePath().normalize();
    var first = Reread.of(path, options.environment(), Set.of(path));
    if (first.result().snapshot().isEmpty()) {
      throw new ConfigurationException(first.result().problems());
    }
    log(first.result().problems());
    var directory = new FileDirectory(path, options, first);
    if (options.watching() != Watching.OFF) {
      directory.watcher.start();
    }
    return directory;
  }

  /** The file. */
  public Path file() {
    return file;
  }

  @Override
  public DirectorySnapshot snapshot() {
    return snapshot;
  }

  /** What the newest reading found: errors if it was refused, warnings if it was not. */
  public List<Problem> problems() {
    return problems;
  }

  /** Why the newest reading was refused; empty if it was not. */
  public Optional<Problem> lastProblem() {
    return problems.stream().filter(problem -> problem.severity() == Severity.ERROR).findFirst();
  }

  /** {@inheritDoc} The listener is called on the thread that noticed the change. */
  @Override
  public Runnable onChange(Consumer<DirectorySnapshot> listener) {
    var registered = new Listener(new Object(), listener);
    listeners.add(registered);
    return () -> listeners.remove(registered);
  }

  /**
   * Reads the file now, whether or not it changed.
   *
   * @return false if it was refused; {@link #problems} says why
   * @throws IllegalStateException if a listener calls it
   */
  public boolean reload() {
    if (reading.isHeldByCurrentThread()) {
      throw new IllegalStateException("a listener must not call reload(); do so on another thread");
    }
    reading.lock();
    try {
      var again = Reread.of(file, options.environment(), files);
      detector.onHandled(again.before());
      return take(again.result());
    } finally {
      reading.unlock();
    }
  }

  /** Stops watching; waits at most 2 s for a reading in progress. The last snapshot stays. */
  @Override
  public void close() {
    closed = true;
    watch.close();
    if (Thread.currentThread() != watcher) {
      try {
        watcher.join(TimeUnit.SECONDS.toMillis(2));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  // ---- what the thread does

  private void watch() {
    try {
      do {
        watch.follow(files);
        look();
      } while (watch.await(waitNs()));
    } catch (InterruptedException e) {
      log.warn("{} is no longer watched: its thread was interrupted", file);
    }
  }

  private void look() {
    reading.lock();
    try {
      if (detector.onLook(Fingerprint.of(files), options.ticker().nowNs())) {
        var again = Reread.of(file, options.environment(), files);
        detector.onHandled(again.before());
        take(again.result());
      }
    } catch (RuntimeException e) {
      // Ours to repair; until then the running snapshot is as good as it was.
      log.error("reading {} failed; the running directory stays", file, e);
    } finally {
      reading.unlock();
    }
  }

  private long waitNs() {
    reading.lock();
    try {
      return detector.waitNs(options.ticker().nowNs(), options.pollInterval().toNanos());
    } finally {
      reading.unlock();
    }
  }

  /** The one place that changes the snapshot. */
  private boolean take(DirectoryReader.Result result) {
    files = result.files();
    problems = result.problems();
    log(result.problems());
    var next = result.snapshot();
    if (next.isEmpty()) {
      log.warn("{} was refused; the running directory stays", file);
      return false;
    }
    if (!next.orElseThrow().equals(snapshot)) {
      snapshot = next.orElseThrow();
      log.info("{} was read again and is in force", file);
      listeners.forEach(listener -> tell(listener.consumer()));
    }
    return true;
  }

  private void tell(Consumer<DirectorySnapshot> listener) {
    if (closed) {
      return;
    }
    try {
      listener.accept(snapshot);
    } catch (RuntimeException e) {
      log.error("a listener of {} failed", file, e);
    }
  }

  private static void log(List<Problem> problems) {
    problems.stream().limit(MAX_LOGGED).forEach(problem -> log.warn("{}", problem));
    if (problems.size() > MAX_LOGGED) {
      log.warn("and {} more", problems.size() - MAX_LOGGED);
    }
  }

  /**
   * A reading, and how its files stood before it: a change that comes during it is a change since.
   */
  private record Reread(Fingerprint before, DirectoryReader.Result result) {

    /** Names of files within files would be a way to make this go on; there are none. */
    private static final int MAX_ROUNDS = 3;

    static Reread of(Path file, Environment environment, Set<Path> known) {
      for (var round = 1; ; round++) {
        var before = Fingerprint.of(known);
        var result = DirectoryReader.read(file, environment);
        if (known.equals(result.files()) || round == MAX_ROUNDS) {
          return new Reread(before, result);
        }
        known = result.files(); // some were found only now: read again, having looked at them
      }
    }
  }
}

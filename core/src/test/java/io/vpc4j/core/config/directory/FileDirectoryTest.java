package io.vpc4j.core.config.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.ConfigurationException;
import io.vpc4j.core.config.directory.FileDirectory.Options;
import io.vpc4j.core.config.directory.FileDirectory.Watching;
import io.vpc4j.core.directory.DirectorySnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory that follows its file, and stays what it was where the file is wrong. */
class FileDirectoryTest {

  private static final Options BY_HAND = Options.defaults().withWatching(Watching.OFF);
  private static final long DEADLINE_S = 20;

  @TempDir private Path folder;

  @Test
  void aFileWithAnErrorIsNotOpened() {
    var file = port("70000").path();

    assertThatThrownBy(() -> FileDirectory.open(file, BY_HAND))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(file + ":1:26: error: mesh.listen_port: must be 0 to 65535");
  }

  @Test
  void aGoodEditTakesThePlaceOfWhatWas() throws IOException {
    port("1");
    try (var directory = FileDirectory.open(folder.resolve("directory.jsonc"), BY_HAND)) {
      var before = directory.snapshot();
      port("2");

      assertThat(directory.reload()).isTrue();
      assertThat(directory.snapshot().mesh().listenPort()).isEqualTo(2);
      assertThat(before.mesh().listenPort()).isEqualTo(1);
    }
  }

  @Test
  void aBadEditIsRefusedAndTheNextGetsItsChance() throws IOException {
    port("1");
    try (var directory = FileDirectory.open(folder.resolve("directory.jsonc"), BY_HAND)) {
      var before = directory.snapshot();
      port("\"x\", \"routes\": 1");

      assertThat(directory.reload()).isFalse();
      assertThat(directory.snapshot()).isSameAs(before);
      assertThat(directory.lastProblem().orElseThrow().line()).isEqualTo(1);
      assertThat(directory.problems()).hasSize(2);

      port("3");
      assertThat(directory.reload()).isTrue();
      assertThat(directory.lastProblem()).isEmpty();
      assertThat(directory.snapshot().mesh().listenPort()).isEqualTo(3);
    }
  }

  @Test
  void aFileThatIsGoneIsABadEdit() throws IOException {
    var file = port("1").path();
    try (var directory = FileDirectory.open(file, BY_HAND)) {
      Files.delete(file);

      assertThat(directory.reload()).isFalse();
      assertThat(directory.lastProblem().orElseThrow().message())
          .isEqualTo("there is no such file");
      assertThat(directory.snapshot().mesh().listenPort()).isEqualTo(1);
    }
  }

  @Test
  void listenersHearOfChangesAndOfNothingElse() throws IOException {
    port("1");
    var heard = new ArrayList<Integer>();
    try (var directory = FileDirectory.open(folder.resolve("directory.jsonc"), BY_HAND)) {
      var undo = directory.onChange(snapshot -> heard.add(snapshot.mesh().listenPort()));
      directory.onChange(
          snapshot -> {
            throw new IllegalStateException("a listener's own fault");
          });
      directory.reload();
      port("2");
      directory.reload();
      port("x");
      directory.reload();
      port("3");
      directory.reload();
      undo.run();
      port("4");
      directory.reload();
    }

    assertThat(heard).containsExactly(2, 3);
  }

  @Test
  void aListenerThatReloadsIsToldNotTo() throws IOException {
    port("1");
    var thrown = new AtomicReference<Throwable>();
    try (var directory = FileDirectory.open(folder.resolve("directory.jsonc"), BY_HAND)) {
      directory.onChange(
          snapshot -> {
            try {
              directory.reload();
            } catch (IllegalStateException e) {
              thrown.set(e);
            }
          });
      port("2");
      directory.reload();
    }

    assertThat(thrown.get()).hasMessageContaining("must not call reload()");
  }

  @Test
  void variablesAreReadAgainWithTheFile() throws IOException {
    var file = DirectoryFile.jsonc(folder).write("{\"mesh\": {\"private_key\": \"env:K\"}}");
    var variables = new AtomicReference<>(Map.of("K", DirectoryFile.KEY));
    var options = BY_HAND.withEnvironment(name -> Environment.of(variables.get()).variable(name));
    try (var directory = FileDirectory.open(file.path(), options)) {
      variables.set(Map.of());

      assertThat(directory.reload()).isFalse();
      assertThat(directory.lastProblem().orElseThrow().message())
          .isEqualTo("the environment variable K is not set");
    }
  }

  // ---- with the real watcher; no event within the deadline is a failure

  @Test
  void theFileSystemsEventsAreFollowed() throws Exception {
    watch(events(), () -> port("2"), 2);
  }

  @Test
  void anAtomicRenameIsFollowed() throws Exception {
    watch(
        events(),
        () -> {
          var next = new DirectoryFile(folder, ".directory.jsonc.swp").write(text("2")).path();
          Files.move(next, folder.resolve("directory.jsonc"), StandardCopyOption.ATOMIC_MOVE);
        },
        2);
  }

  /** How container platforms mount configuration: a link to a folder, turned round at once. */
  @Test
  void aLinkThatIsTurnedRoundIsFollowed() throws Exception {
    var old = Files.createDirectory(folder.resolve("v1"));
    var fresh = Files.createDirectory(folder.resolve("v2"));
    DirectoryFile.jsonc(old).write(text("1"));
    DirectoryFile.jsonc(fresh).write(text("2"));
    Files.createSymbolicLink(folder.resolve("data"), old);
    Files.createSymbolicLink(folder.resolve("directory.jsonc"), Path.of("data", "directory.jsonc"));
    watch(
        events(),
        () -> {
          Files.createSymbolicLink(folder.resolve("data.new"), fresh);
          Files.move(
              folder.resolve("data.new"), folder.resolve("data"), StandardCopyOption.ATOMIC_MOVE);
        },
        2);
  }

  @Test
  void withoutEventsALookFindsTheChange() throws Exception {
    watch(
        Options.defaults()
            .withWatching(Watching.POLLING)
            .withTimes(Duration.ofMillis(20), Duration.ofMillis(5)),
        () -> port("2"),
        2);
  }

  @Test
  void aChangedSecretIsAChange() throws Exception {
    var file =
        DirectoryFile.jsonc(folder)
            .beside("mesh.key", DirectoryFile.KEY)
            .write("{\"mesh\": {\"private_key\": \"file:mesh.key\"}}");
    var heard = new LinkedBlockingQueue<DirectorySnapshot>(16);
    try (var directory = FileDirectory.open(file.path(), events())) {
      directory.onChange(heard::add);
      file.beside("mesh.key", "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=");

      assertThat(heard.poll(DEADLINE_S, TimeUnit.SECONDS)).isNotNull();
    }
  }

  @Test
  void closingEndsTheThread() throws Exception {
    port("1");
    var directory = FileDirectory.open(folder.resolve("directory.jsonc"), events());
    var watcher =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().equals("vpc4j-directory"))
            .toList();
    directory.close();
    directory.close();

    assertThat(watcher).isNotEmpty().noneMatch(Thread::isAlive);
    assertThat(directory.snapshot().mesh().listenPort()).isEqualTo(1);
  }

  private interface Change {
    void make() throws IOException;
  }

  private void watch(Options options, Change change, int expected) throws Exception {
    var path = folder.resolve("directory.jsonc");
    if (!Files.exists(path)) {
      port("1");
    }
    BlockingQueue<Integer> heard = new LinkedBlockingQueue<>(16);
    try (var directory = FileDirectory.open(path, options)) {
      directory.onChange(snapshot -> heard.add(snapshot.mesh().listenPort()));
      change.make();

      assertThat(heard.poll(DEADLINE_S, TimeUnit.SECONDS)).isEqualTo(expected);
    }
  }

  /** Events alone: the look for want of them would come after the deadline. */
  private static Options events() {
    return Options.defaults().withTimes(Duration.ofHours(1), Duration.ofMillis(20));
  }

  private DirectoryFile port(String port) {
    return DirectoryFile.jsonc(folder).write(text(port));
  }

  private static String text(String port) {
    return "{\"mesh\": {\"listen_port\": " + port + "}}";
  }
}

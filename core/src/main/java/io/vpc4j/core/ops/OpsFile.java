package io.vpc4j.core.ops;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where a running process is asked how it stands: a file of its own in the state folder, there as
 * long as the process, or longer if it was killed.
 *
 * @param file where that stands
 * @param kind what runs: {@code edge}, {@code mesh}...
 * @param pid of the operating system
 * @param uri of its {@link OpsServer}
 */
public record OpsFile(Path file, String kind, long pid, URI uri) {

  private static final String FOLDER = "run";
  private static final int MAX_FILES = 1_000;

  /** Notes that this process is asked at {@code uri}. */
  public static OpsFile write(Path stateFolder, String kind, URI uri) throws IOException {
    long pid = ProcessHandle.current().pid();
    var folder = Files.createDirectories(stateFolder.resolve(FOLDER));
    var file = folder.resolve(kind + "-" + pid + ".json");
    var content = new LinkedHashMap<String, Object>();
    content.put("kind", kind);
    content.put("pid", pid);
    content.put("url", uri.toString());
    var next = folder.resolve("." + file.getFileName() + ".new");
    Files.write(next, (StatusJson.of(content) + "\n").getBytes(UTF_8));
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    return new OpsFile(file, kind, pid, uri);
  }

  /**
   * Those that are there, by name, at most {@value #MAX_FILES}; files that say nothing of the kind
   * are left out. The processes may be gone: {@link #isAlive} tells.
   */
  public static List<OpsFile> list(Path stateFolder) throws IOException {
    var found = new ArrayList<OpsFile>();
    try (var files = Files.list(stateFolder.resolve(FOLDER))) {
      for (var file :
          (Iterable<Path>)
              files
                      .filter(each -> each.getFileName().toString().matches("[a-z].*\\.json"))
                      .sorted()
                      .limit(MAX_FILES)
                  ::iterator) {
        read(file, found);
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
    return found;
  }

  private static void read(Path file, List<OpsFile> found) {
    try {
      Map<String, Object> tree = OpsClient.tree(file.toString(), Files.readString(file));
      if (tree.get("kind") instanceof String kind
          && tree.get("pid") instanceof Long pid
          && tree.get("url") instanceof String url) {
        found.add(new OpsFile(file, kind, pid, URI.create(url)));
      }
    } catch (IOException | IllegalArgumentException e) {
      // Gone meanwhile, or somebody else's: it names no process of ours.
    }
  }

  /** Whether a process with its number runs; it may be another one by now. */
  public boolean isAlive() {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  /** Takes the note away. */
  public void delete() throws IOException {
    Files.deleteIfExists(file);
  }
}

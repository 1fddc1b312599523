package io.vpc4j.mesh.wireguard.interop;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Two network namespaces joined by a cable: ours at 10.99.0.1 and fd99::1, the peer's at 10.99.0.2
 * and fd99::2, with a {@code wireguard-go} in the peer's. Closing takes everything away again.
 */
public final class Namespaces implements AutoCloseable {

  private static final long COMMAND_SECONDS = 20;

  /** A program that takes longer is killed, so that what is read of it ends. */
  private static final long PROGRAM_SECONDS = Long.getLong("vpc4j.mesh.seconds", 120);

  private final String name;
  private final Path folder;
  private final List<Process> processes = new ArrayList<>();

  /** {@code name} is the prefix of all that is made, at most 8 characters. */
  public Namespaces(String name, Path folder) throws IOException {
    this.name = name;
    this.folder = folder;
    close(); // what a killed run left
    run("ip", "netns", "add", ours());
    run("ip", "netns", "add", theirs());
    run(
        "ip",
        "link",
        "add",
        name + "-a",
        "netns",
        ours(),
        "type",
        "veth",
        "peer",
        "name",
        name + "-b",
        "netns",
        theirs());
    in(ours(), "ip", "addr", "add", "10.99.0.1/24", "dev", name + "-a");
    in(theirs(), "ip", "addr", "add", "10.99.0.2/24", "dev", name + "-b");
    in(ours(), "ip", "addr", "add", "fd99::1/64", "dev", name + "-a", "nodad");
    in(theirs(), "ip", "addr", "add", "fd99::2/64", "dev", name + "-b", "nodad");
    for (var namespace : List.of(ours(), theirs())) {
      in(namespace, "ip", "link", "set", "lo", "up");
    }
    in(ours(), "ip", "link", "set", name + "-a", "up");
    in(theirs(), "ip", "link", "set", name + "-b", "up");
  }

  public String ours() {
    return name + "-a";
  }

  public String theirs() {
    return name + "-b";
  }

  /** The peer's tunnel interface; not shared with any other namespace, since sockets are. */
  public String device() {
    return name + "wg";
  }

  /** Starts the peer with those settings, in {@code wg setconf}'s form. */
  public void startPeer(String settings, String... addresses) throws IOException {
    startPeerIn(theirs(), device(), settings, addresses);
  }

  /** The same in another namespace, which is the caller's to make and to take away. */
  public void startPeerIn(String namespace, String device, String settings, String... addresses)
      throws IOException {
    var file = Files.writeString(folder.resolve(device + ".conf"), settings);
    var peer =
        new ProcessBuilder("ip", "netns", "exec", namespace, "wireguard-go", "-f", device)
            .redirectErrorStream(true)
            .redirectOutput(log(device).toFile());
    peer.environment().put("WG_PROCESS_FOREGROUND", "1");
    peer.environment().put("LOG_LEVEL", "verbose");
    processes.add(peer.start());
    await(Path.of("/var/run/wireguard", device + ".sock"));
    in(namespace, "wg", "setconf", device, file.toString());
    for (var address : addresses) {
      var command = new ArrayList<>(List.of("ip", "addr", "add", address, "dev", device));
      if (address.contains(":")) {
        command.add("nodad");
      }
      in(namespace, command.toArray(String[]::new));
    }
    in(namespace, "ip", "link", "set", device, "mtu", "1420", "up");
  }

  /** What the peer with that interface says. */
  public Path log(String device) {
    return folder.resolve(device + ".log");
  }

  /** Runs a command in a namespace and returns what it said. */
  public String in(String namespace, String... command) throws IOException {
    var all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    all.addAll(List.of(command));
    return run(all.toArray(String[]::new));
  }

  /** Starts a command in a namespace; its output is the returned process's. */
  public Process start(String namespace, List<String> command) throws IOException {
    var all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    all.addAll(command);
    var process = new ProcessBuilder(all).redirectErrorStream(true).start();
    processes.add(process);
    killAfter(process, PROGRAM_SECONDS);
    return process;
  }

  public static String run(String... command) throws IOException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    killAfter(process, COMMAND_SECONDS);
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(String.join(" ", command) + " did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    if (process.exitValue() != 0) {
      throw new IOException(String.join(" ", command) + ": " + said);
    }
    return said;
  }

  /** Reading a pipe cannot be interrupted: it ends when those who write have. */
  private static void killAfter(Process process, long seconds) {
    process
        .onExit()
        .orTimeout(seconds, TimeUnit.SECONDS)
        .exceptionally(
            late -> {
              process.descendants().forEach(ProcessHandle::destroyForcibly);
              return process.destroyForcibly();
            });
  }

  private static void await(Path file) throws IOException {
    try (var watcher = file.getFileSystem().newWatchService()) {
      Files.createDirectories(file.getParent());
      file.getParent().register(watcher, java.nio.file.StandardWatchEventKinds.ENTRY_CREATE);
      var untilNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(COMMAND_SECONDS);
      while (!Files.exists(file)) {
        var leftNs = untilNs - System.nanoTime();
        var key = leftNs <= 0 ? null : watcher.poll(leftNs, TimeUnit.NANOSECONDS);
        if (key == null) {
          throw new IOException(file + " did not appear");
        }
        key.reset();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() throws IOException {
    for (var process : processes) {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
    for (var process : processes) {
      try {
        if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    var existing = run("ip", "netns", "list");
    for (var namespace : List.of(ours(), theirs())) {
      if (existing.lines().anyMatch(line -> (line + ' ').startsWith(namespace + ' '))) {
        run("ip", "netns", "delete", namespace);
      }
    }
  }
}

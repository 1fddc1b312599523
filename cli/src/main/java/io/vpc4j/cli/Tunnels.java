package io.vpc4j.cli;

import io.vpc4j.core.config.edit.DirectoryEditor;
import io.vpc4j.core.config.edit.Element;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.EdgeSettings;
import io.vpc4j.core.directory.TunnelRecord;
import io.vpc4j.core.spi.NextHop;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** What several commands want to know of tunnels. */
final class Tunnels {

  private Tunnels() {}

  /** The tunnel with this name or id. */
  static TunnelRecord find(DirectorySnapshot snapshot, String nameOrId) throws Failure {
    return snapshot.tunnels().values().stream()
        .filter(
            tunnel ->
                tunnel.name().equals(nameOrId) || tunnel.tunnelId().equalsIgnoreCase(nameOrId))
        .findFirst()
        .orElseThrow(
            () ->
                new Failure(
                    ExitCode.REFUSED,
                    "No tunnel is called \"" + nameOrId + "\". There are: " + names(snapshot)));
  }

  private static String names(DirectorySnapshot snapshot) {
    return snapshot.tunnels().isEmpty()
        ? "none"
        : String.join(
            ", ", snapshot.tunnels().values().stream().map(TunnelRecord::name).sorted().toList());
  }

  /** In the order of the file. */
  static List<TunnelRecord> inOrder(DirectoryEditor editor) {
    var tunnels = editor.snapshot().tunnels();
    return editor.elements("tunnels").stream()
        .flatMap(element -> element.text("tunnel_id").stream())
        .flatMap(id -> Optional.ofNullable(tunnels.get(id)).stream())
        .toList();
  }

  static Predicate<Element> has(String field, String value) {
    return element -> element.text(field).filter(value::equals).isPresent();
  }

  /** Where the secret comes from, never what it is. */
  static String secret(DirectoryEditor editor, TunnelRecord tunnel) {
    return editor.elements("tunnels").stream()
        .filter(has("tunnel_id", tunnel.tunnelId()))
        .findFirst()
        .flatMap(element -> element.text("tunnel_secret"))
        .map(text -> text.startsWith("env:") || text.startsWith("file:") ? text : "in the file")
        .orElse("none");
  }

  /** What leads to the tunnel: prefixes and names. */
  static List<String> routes(DirectorySnapshot snapshot, TunnelRecord tunnel) {
    var hop = new NextHop.TunnelHop(tunnel.tunnelId());
    var routes = new ArrayList<String>();
    snapshot.routes().stream()
        .filter(route -> route.hop().equals(hop))
        .forEach(route -> routes.add(route.network().toString()));
    snapshot.hostnameRoutes().stream()
        .filter(route -> route.hop().equals(hop))
        .forEach(route -> routes.add(route.hostname()));
    return routes;
  }

  /** The services that are reached through it, by name. */
  static List<String> services(DirectorySnapshot snapshot, TunnelRecord tunnel) {
    var hop = new NextHop.TunnelHop(tunnel.tunnelId());
    return snapshot.services().values().stream()
        .filter(service -> service.hop().equals(hop))
        .map(service -> service.name())
        .sorted()
        .toList();
  }

  /** What {@code create} makes beside the directory, for one tunnel. */
  record Files(Path secret, Path credentials, Path token) {

    static Files of(Path stateFolder, String tunnelId) {
      var folder = stateFolder.resolve("tunnels");
      return new Files(
          folder.resolve(tunnelId + ".secret"),
          folder.resolve(tunnelId + ".json"),
          folder.resolve(tunnelId + ".token"));
    }

    List<Path> all() {
      return List.of(secret, credentials, token);
    }
  }

  /**
   * Where a connector is to dial: what it is told as {@code --edge}.
   *
   * @param address {@code host:port}
   * @param anywhere whether the edge listens on all addresses, so that the host is a guess
   */
  record EdgeAddress(String address, boolean anywhere) {

    static EdgeAddress of(Optional<EdgeSettings> edge) {
      var listener = edge.map(settings -> settings.listeners().get(0));
      if (listener.isEmpty()) {
        return new EdgeAddress("127.0.0.1:" + EdgeSettings.DEFAULT_PORT, false);
      }
      var host = listener.orElseThrow().host();
      var port = listener.orElseThrow().port();
      boolean anywhere = host.toInetAddress().isAnyLocalAddress();
      return new EdgeAddress((anywhere ? "127.0.0.1" : host.toUrlHost()) + ":" + port, anywhere);
    }
  }
}

package io.vpc4j.cli;

import io.vpc4j.ConfigurationException;
import io.vpc4j.core.config.edit.DirectoryEditor;
import io.vpc4j.core.config.edit.Fields;
import io.vpc4j.core.directory.MeshNetwork;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.directory.VirtualNetwork;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.Secret;
import io.vpc4j.mesh.WgQuickFile;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A wg-quick file as a network of the directory: the directory's own while that has no key, the one
 * that has the file's key, or a new one.
 */
final class ImportedNetwork {

  private final DirectoryEditor editor;
  private final MeshState state;
  private final WgQuickFile file;
  private final String base;
  private final @Nullable Integer listenPort;
  private final @Nullable String virtualNetwork;
  private final List<String> notes = new ArrayList<>();
  private String network = MeshNetwork.OWN;
  private List<String> addresses = List.of();
  private List<String> names = List.of();
  private @Nullable ReimportedNetwork reimported;

  /**
   * One that is yet to be entered.
   *
   * @param base what it is called, and its peers
   * @param listenPort in place of the file's
   * @param virtualNetwork a name or an id; null for the default one
   */
  ImportedNetwork(
      DirectoryEditor editor,
      MeshState state,
      WgQuickFile file,
      String base,
      @Nullable Integer listenPort,
      @Nullable String virtualNetwork) {
    this.editor = editor;
    this.state = state;
    this.file = file;
    this.base = base;
    this.listenPort = listenPort;
    this.virtualNetwork = virtualNetwork;
  }

  /**
   * Enters it, and its peers.
   *
   * @param isNamed whether its name was asked for, and no other will do
   */
  void enter(boolean isNamed) throws Failure, ConfigurationException {
    var known = known();
    if (known != null) {
      network = known.name();
      again(known);
    } else if (!editor.has("mesh.private_key") && virtualNetwork == null) {
      own();
    } else {
      network = newName(isNamed);
      another();
    }
    names = peers();
  }

  /** The network that has the file's key; null if none has. */
  private @Nullable MeshNetwork known() {
    for (var each : editor.snapshot().mesh().networks()) {
      try {
        if ((!each.isOwn() || editor.has("mesh.private_key"))
            && state.ownKey(each).equals(file.self().privateKey())) {
          return each;
        }
      } catch (Failure e) {
        // A key that is not on this machine: whether it is this one, nobody can say.
      }
    }
    return null;
  }

  /** What the file says now, of a network that was imported before. */
  private void again(MeshNetwork known) throws Failure, ConfigurationException {
    addresses = fileAddresses();
    var again = new ReimportedNetwork(editor, state, known, file);
    again.addresses(addresses);
    var port = listenPort == null ? file.self().listenPort() : OptionalInt.of(listenPort);
    if (port.isPresent()) {
      again.number("listen_port", known.listenPort(), port.getAsInt());
    }
    if (hasMtu()) {
      again.number("mtu", known.mtuOctets(), file.self().mtuOctets().orElseThrow());
    }
    if (!file.self().dns().isEmpty()) {
      again.resolvers(resolvers());
    }
    if (virtualNetwork != null && known.isOwn()) {
      notes.add("the directory's own network stays in the default virtual network");
    } else if (virtualNetwork != null) {
      again.virtualNetwork(virtualNetworkId(virtualNetwork));
    }
    again.peers();
    reimported = again;
  }

  private void own() throws Failure, ConfigurationException {
    var self = file.self();
    var keyFile = state.ownKeyFile(MeshNetwork.OWN);
    editor.set("mesh.private_key", DirectoryOption.reference(editor.file(), keyFile));
    var own =
        new ArrayList<>(
            editor.snapshot().mesh().addresses().stream().map(Object::toString).toList());
    fileAddresses().stream().filter(address -> !own.contains(address)).forEach(own::add);
    addresses = List.copyOf(own);
    editor.set("mesh.addresses", addresses);
    editor.set("mesh.listen_port", listenPort == null ? self.listenPort().orElse(0) : listenPort);
    if (hasMtu()) {
      editor.set("mesh.mtu", self.mtuOctets().orElseThrow());
    }
    if (!self.dns().isEmpty()) {
      editor.set("mesh.resolver_ips", resolvers());
    }
    state.keep(keyFile, self.privateKey());
  }

  private void another() throws Failure, ConfigurationException {
    var self = file.self();
    addresses = fileAddresses();
    var keyFile = state.ownKeyFile(network);
    var fields =
        Fields.of()
            .text("name", network)
            .text("private_key", DirectoryOption.reference(editor.file(), keyFile))
            .texts("addresses", addresses);
    var port = listenPort == null ? self.listenPort().orElse(0) : listenPort;
    if (port != 0) {
      fields.number("listen_port", port);
    }
    if (hasMtu()) {
      fields.number("mtu", self.mtuOctets().orElseThrow());
    }
    if (!self.dns().isEmpty()) {
      fields.texts("resolver_ips", resolvers());
    }
    if (virtualNetwork != null) {
      fields.text("virtual_network_id", virtualNetworkId(virtualNetwork));
    }
    editor.append("mesh.networks", fields);
    state.keep(keyFile, self.privateKey());
  }

  private List<String> fileAddresses() {
    return file.self().addresses().stream().map(each -> each.address().toString()).toList();
  }

  private List<String> resolvers() {
    return file.self().dns().stream().map(Object::toString).toList();
  }

  private boolean hasMtu() {
    IntPredicate fits =
        octets -> octets >= MeshNetwork.MIN_MTU_OCTETS && octets <= MeshNetwork.MAX_MTU_OCTETS;
    var mtu = file.self().mtuOctets();
    if (mtu.isPresent() && !fits.test(mtu.orElseThrow())) {
      notes.add("an MTU of " + mtu.orElseThrow() + " is none of ours; the default is used");
      return false;
    }
    return mtu.isPresent();
  }

  private String newName(boolean isNamed) throws Failure {
    var taken = new HashSet<String>();
    editor.snapshot().mesh().others().forEach(each -> taken.add(each.name()));
    if (isNamed && taken.contains(base)) {
      throw new Failure(
          ExitCode.REFUSED,
          "There is a network \"" + base + "\" already, with another key; choose another --name.");
    }
    return freeName(base, taken, true);
  }

  private String virtualNetworkId(String nameOrId) throws ConfigurationException {
    for (var each : editor.snapshot().virtualNetworks().values()) {
      if (each.name().equals(nameOrId) || each.virtualNetworkId().equals(nameOrId)) {
        return each.virtualNetworkId();
      }
    }
    var made = new VirtualNetwork(UUID.randomUUID().toString(), nameOrId);
    editor.append(
        "virtual_networks",
        Fields.of().text("virtual_network_id", made.virtualNetworkId()).text("name", made.name()));
    notes.add(
        "virtual network "
            + nameOrId
            + " is new; a binding names it as "
            + made.virtualNetworkId());
    return made.virtualNetworkId();
  }

  // ---- peers

  private List<String> peers() throws Failure, ConfigurationException {
    var taken = new HashSet<String>();
    for (var node : state.participants()) {
      taken.add(node.name());
      taken.add(node.nodeId());
    }
    var known = new HashSet<String>();
    for (var node : state.participants(network)) {
      node.peer().map(NodeRecord.Peer::publicKey).ifPresent(known::add);
    }
    var entered = new ArrayList<String>();
    for (var peer : file.peers()) {
      var before = state.participants(network).stream().filter(is(peer)).findFirst();
      if (before.isPresent()) {
        searchDomains(peer, before.get().nodeId());
      }
      if (!known.add(peer.publicKey())) {
        continue; // imported before, or twice in the file
      }
      var node = freeName(base, taken, file.peers().size() == 1);
      entered.add(node);
      editor.append("mesh.nodes", fields(peer, node));
      searchDomains(peer, node);
    }
    return entered;
  }

  /** Whether a participant is that peer. */
  static Predicate<NodeRecord> is(WgQuickFile.Peer peer) {
    return node ->
        node.peer().map(NodeRecord.Peer::publicKey).filter(peer.publicKey()::equals).isPresent();
  }

  /** Single addresses are the peer's own. */
  static List<String> addressesOf(WgQuickFile.Peer peer) {
    return peer.allowedIps().stream()
        .filter(allowed -> allowed.prefixLength() == allowed.network().family().bits())
        .map(allowed -> allowed.network().toString())
        .toList();
  }

  /** Prefixes are what it announces. */
  static List<String> routesOf(WgQuickFile.Peer peer) {
    return peer.allowedIps().stream()
        .filter(allowed -> allowed.prefixLength() < allowed.network().family().bits())
        .map(Cidr::toString)
        .toList();
  }

  private Fields fields(WgQuickFile.Peer peer, String node) throws Failure {
    var own = addressesOf(peer);
    var routes = routesOf(peer);
    var fields = Fields.of().text("node_id", node).text("name", node);
    if (!network.equals(MeshNetwork.OWN)) {
      fields.text("network", network);
    }
    if (!own.isEmpty()) {
      fields.texts("addresses", own);
    }
    if (!routes.isEmpty()) {
      fields.texts("routes", routes);
    }
    fields.text("public_key", peer.publicKey());
    peer.endpoint().ifPresent(endpoint -> fields.text("endpoint", endpoint));
    if (peer.presharedKey().isPresent()) {
      Secret key = peer.presharedKey().orElseThrow();
      var kept = state.presharedKeyFile(node);
      state.keep(kept, key);
      fields.text("preshared_key", DirectoryOption.reference(editor.file(), kept));
    }
    peer.persistentKeepalive()
        .ifPresent(every -> fields.text("persistent_keepalive", keepalive(every)));
    return fields;
  }

  static String keepalive(Duration every) {
    return every.toSeconds() + "s";
  }

  /** Names of the search domains are asked of the resolver that is behind a peer. */
  private void searchDomains(WgQuickFile.Peer peer, String node) throws ConfigurationException {
    var dns = file.self().dns();
    if (dns.isEmpty()
        || peer.allowedIps().stream().noneMatch(prefix -> prefix.contains(dns.get(0)))) {
      return;
    }
    for (var domain : file.self().searchDomains()) {
      for (var hostname : List.of(domain, "*." + domain)) {
        if (editor.elements("hostname_routes").stream()
            .noneMatch(Tunnels.has("hostname", hostname))) {
          editor.append(
              "hostname_routes", Fields.of().text("hostname", hostname).text("node_id", node));
        }
      }
    }
  }

  private static String freeName(String base, Set<String> taken, boolean single) {
    if (single && taken.add(base)) {
      return base;
    }
    int number = 1;
    while (!taken.add(base + "-" + number)) {
      number++;
    }
    return base + "-" + number;
  }

  // ---- what came of it

  /** Whether prefixes of it may be another network's. */
  boolean mayOverlap() {
    return virtualNetwork == null && !network.equals(MeshNetwork.OWN);
  }

  /** Takes away what nothing refers to any more, now that the directory is written. */
  void written() throws Failure {
    if (reimported != null) {
      reimported.written();
    }
  }

  /** What is to be said of it besides. */
  List<String> notes() {
    var all = new ArrayList<>(notes);
    if (reimported != null) {
      all.addAll(reimported.notes());
    }
    return List.copyOf(all);
  }

  void print(PrintWriter out) {
    if (!network.equals(MeshNetwork.OWN)) {
      out.println("network    " + network);
    }
    out.println("addresses  " + String.join(", ", addresses));
    if (reimported != null) {
      out.println("changed    " + reimported.changes());
    }
    out.println("peers      " + (names.isEmpty() ? "none" : String.join(", ", names)));
    out.flush();
  }
}

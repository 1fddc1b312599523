package io.vpc4j.mesh;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.MeshNetwork;
import io.vpc4j.core.spi.TransportContext;
import io.vpc4j.mesh.node.Mesh;
import io.vpc4j.mesh.node.MeshConfig;
import io.vpc4j.mesh.node.MeshNames;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The WireGuard networks of the directory that this process takes part in: a node of its own for
 * each, with its key, its UDP port, its stack and its peers.
 *
 * <p>Peers that the directory adds, changes or removes take effect at once. Networks are joined,
 * left and joined anew on a thread of their own, {@code vpc4j-mesh-networks}, which lives while
 * there is something to do; a network that the change says nothing of is not disturbed.
 *
 * <p>Safe for use by many threads. {@code lock} guards changes of the fields and is never held
 * while a node opens or closes.
 */
final class JoinedNetworks implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(JoinedNetworks.class);

  /**
   * From the end of a node to the beginning of the one that may take its place under the same key.
   * Peers take an initiation only if its timestamp is later, which has a grain of 17 ms, and one in
   * 20 ms at most; one that comes sooner is not answered, and repeated after 5 s. [W] 5.1, 6.1
   */
  private static final long ANEW_NS = TimeUnit.MILLISECONDS.toNanos(50);

  private final TransportContext context;
  private final SecureRandom random = new SecureRandom();
  private final ReentrantLock lock = new ReentrantLock();
  private final ThreadPoolExecutor changing;
  private volatile Map<String, JoinedNetwork> joined = Map.of(); // the directory's own first
  private volatile Map<String, String> refused = Map.of(); // why a network is not joined
  private volatile DirectorySnapshot newest;
  private volatile Promise<Void> followed; // once the newest has been followed
  private final List<JoinedNetwork> leaving = new ArrayList<>(); // guarded by lock
  private final List<Runnable> observers = new CopyOnWriteArrayList<>();
  private boolean closed; // guarded by lock
  private OptionalLong leftNs =
      OptionalLong.empty(); // when a node last ended; of the thread that joins

  private JoinedNetworks(TransportContext context) {
    this.context = context;
    newest = context.directory().snapshot();
    followed = promise();
    followed.setSuccess(null);
    changing =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(1),
            task -> {
              var thread = new Thread(task, "vpc4j-mesh-networks");
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.DiscardPolicy()); // the one that waits looks at the newest
    changing.allowCoreThreadTimeOut(true);
  }

  private Promise<Void> promise() {
    return context.eventLoops().group().next().newPromise();
  }

  /**
   * Joins the networks that the directory has.
   *
   * @throws VpcException if there is none, or none can be joined
   */
  static JoinedNetworks open(TransportContext context) throws VpcException {
    var networks = new JoinedNetworks(context);
    networks.newest.mesh().networks().stream()
        .filter(MeshNetwork::isJoined)
        .forEach(networks::join);
    if (networks.joined.isEmpty()) {
      throw networks.notJoined(
          networks.refused.isEmpty()
              ? MeshNetwork.OWN
              : networks.refused.keySet().iterator().next());
    }
    return networks;
  }

  // ---- who is asked ----------------------------------------------------------------------------

  /** All, the directory's own first. */
  List<JoinedNetwork> all() {
    return List.copyOf(joined.values());
  }

  /**
   * The network that a participant is in; the directory's own for one that nobody knows any more.
   *
   * @throws VpcException if this process takes no part in it
   */
  JoinedNetwork of(String nodeId) throws VpcException {
    var all = joined;
    var node = newest.nodes().get(nodeId);
    var name = node == null ? MeshNetwork.OWN : node.network();
    var found = all.get(name);
    if (found == null && node == null && !all.isEmpty()) {
      return all.values().iterator().next();
    }
    if (found == null) {
      throw notJoined(name);
    }
    return found;
  }

  /**
   * Where a binding of that virtual network listens: in each network that is in it, and in the
   * directory's own where none is, whose participants are known in all of them.
   *
   * @return one at least
   * @throws VpcException if there is none
   */
  List<JoinedNetwork> listening(String virtualNetworkId) throws VpcException {
    var there = listeningNow(virtualNetworkId);
    if (there.isEmpty()) {
      throw new VpcException(
          ErrorCode.CONFIGURATION_ERROR,
          Stage.CONFIGURE,
          "No network of the mesh that this process takes part in is in virtual network "
              + virtualNetworkId
              + ".");
    }
    return there;
  }

  /** The same; none where there is none now. */
  List<JoinedNetwork> listeningNow(String virtualNetworkId) {
    var all = joined;
    var there =
        all.values().stream()
            .filter(each -> each.settings().virtualNetworkId().equals(virtualNetworkId))
            .toList();
    var own = all.get(MeshNetwork.OWN);
    return there.isEmpty() && own != null ? List.of(own) : there;
  }

  private VpcException notJoined(String name) {
    var why = refused.get(name);
    if (why != null) {
      return unavailable(why);
    }
    if (!name.equals(MeshNetwork.OWN)) {
      return unavailable("Network " + name + " of the mesh is being joined; try again.");
    }
    return unavailable(
        newest.mesh().privateKey().isEmpty()
            ? "This process is no part of the mesh: the directory's \"mesh\" has no \"private_key\"."
                + " Make one with `vpc4j mesh init`."
            : newest.mesh().addresses().isEmpty()
                ? "This process has no address in the mesh: the directory's \"mesh\" has no"
                    + " \"addresses\"."
                : "The mesh is being joined; try again.");
  }

  private static VpcException unavailable(String sentence) {
    return new VpcException(ErrorCode.DESTINATION_UNAVAILABLE, Stage.CONNECT, sentence);
  }

  // ---- changes ---------------------------------------------------------------------------------

  /** The directory has changed. */
  void onChange(DirectorySnapshot snapshot) {
    lock.lock();
    try {
      newest = snapshot;
      sort();
      joined.values().forEach(this::tell);
      if (closed || !differs(snapshot)) {
        return;
      }
      if (followed.isDone()) {
        followed = promise();
      }
    } finally {
      lock.unlock();
    }
    changing.execute(this::follow);
  }

  /**
   * Tells nodes that stay what is new for them, and has the others go: no dial finds them any more.
   * Under the lock.
   */
  private void sort() {
    for (var network : all()) {
      var name = network.settings().name();
      var now = newest.mesh().network(name).filter(MeshNetwork::isJoined).orElse(null);
      if (now == null || network.isOtherThan(now)) {
        change(networks -> networks.remove(name));
        leaving.add(network);
        LOG.info(
            now == null ? "{} is left." : "{} has changed, and is joined anew.",
            network.settings().described());
      } else if (!network.settings().equals(now)) {
        network.mesh().hub(now.hub());
        change(networks -> networks.put(name, network.with(now)));
      }
    }
  }

  /** Looks at the directory once more: it may have changed before we were told of changes. */
  void lookAgain() {
    lock.lock();
    try {
      var now = context.directory().snapshot();
      if (!now.mesh().equals(newest.mesh()) || !now.nodes().equals(newest.nodes())) {
        onChange(now);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether a network is to be joined or left. */
  private boolean differs(DirectorySnapshot snapshot) {
    return !leaving.isEmpty()
        || !followed.isDone()
        || snapshot.mesh().networks().stream()
            .anyMatch(network -> network.isJoined() && !joined.containsKey(network.name()));
  }

  /** Completes when the changes that the directory has had until now are in force. */
  Future<Void> followed() {
    return followed;
  }

  /** Tells a node who takes part. Under the lock, so that the newest is told last. */
  private void tell(JoinedNetwork network) {
    var name = network.settings().name();
    network
        .mesh()
        .apply(
            newest.nodes().values().stream().filter(node -> node.network().equals(name)).toList());
  }

  /** Ends the nodes that go, and joins what is new. */
  @SuppressWarnings("ReferenceEquality") // a snapshot is known by identity
  private void follow() {
    var snapshot = newest;
    try {
      follow(snapshot);
    } finally {
      lock.lock();
      try {
        if (closed || snapshot == newest) { // else it is this thread's next task
          followed.trySuccess(null);
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private void follow(DirectorySnapshot snapshot) {
    List<JoinedNetwork> gone;
    lock.lock();
    try {
      gone = List.copyOf(leaving);
      leaving.clear();
    } finally {
      lock.unlock();
    }
    gone.forEach(network -> network.mesh().close()); // before its port is bound again
    if (!gone.isEmpty()) {
      leftNs = OptionalLong.of(context.ticker().nowNs());
    }
    for (var network : snapshot.mesh().networks()) {
      if (network.isJoined() && !joined.containsKey(network.name())) {
        awaitAnew();
        join(network);
      }
    }
  }

  private void awaitAnew() {
    if (leftNs.isPresent()) {
      var untilNs = leftNs.getAsLong() + ANEW_NS;
      for (var nowNs = context.ticker().nowNs();
          nowNs - untilNs < 0 && !closed();
          nowNs = context.ticker().nowNs()) {
        LockSupport.parkNanos(untilNs - nowNs);
      }
    }
  }

  /** Joins a network; where that cannot be, it is logged, and dials say why. */
  private void join(MeshNetwork network) {
    var name = network.name();
    try {
      var mesh =
          Mesh.open(
              MeshConfig.of(network),
              context.eventLoops(),
              context.allocator(),
              context.ticker(),
              random);
      var entered = new JoinedNetwork(network, mesh, new MeshNames(mesh, random));
      if (!change(
          networks -> {
            networks.put(name, entered);
            tell(entered);
          })) {
        mesh.close(); // the transport was closed meanwhile
      }
      refuse(reasons -> reasons.remove(name));
    } catch (IOException e) {
      var sentence =
          (network.isOwn() ? "The mesh" : "Network " + name + " of the mesh")
              + " cannot start: "
              + e
              + ".";
      LOG.error("{}", sentence);
      refuse(reasons -> reasons.put(name, sentence));
    }
  }

  private interface Change<V> {
    void on(Map<String, V> map);
  }

  /**
   * Has somebody told, on whichever thread, that networks have come, gone or changed, or that all
   * is closed.
   *
   * @param told must not wait
   * @return ends that
   */
  Runnable onChange(Runnable told) {
    observers.add(told);
    return () -> observers.remove(told);
  }

  /** Whether all is closed. */
  boolean closed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Whether it was made; not once all is closed. */
  private boolean change(Change<JoinedNetwork> change) {
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      var next = new TreeMap<>(joined);
      change.on(next);
      joined = Collections.unmodifiableMap(next);
    } finally {
      lock.unlock();
    }
    observers.forEach(Runnable::run);
    return true;
  }

  private void refuse(Change<String> change) {
    lock.lock();
    try {
      var next = new TreeMap<>(refused);
      change.on(next);
      refused = Collections.unmodifiableMap(next);
    } finally {
      lock.unlock();
    }
  }

  /** Leaves all of them at the same time; waits at most 2 s. */
  @Override
  public void close() {
    List<JoinedNetwork> last;
    lock.lock();
    try {
      closed = true;
      last = new ArrayList<>(joined.values());
      last.addAll(leaving);
      followed.trySuccess(null);
    } finally {
      lock.unlock();
    }
    changing.shutdown();
    observers.forEach(Runnable::run);
    last.forEach(network -> network.mesh().beginClose());
    last.forEach(network -> network.mesh().close());
  }
}

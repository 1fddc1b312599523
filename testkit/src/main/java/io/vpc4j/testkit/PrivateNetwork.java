package io.vpc4j.testkit;

import io.netty.channel.ChannelHandler;
import io.vpc4j.NetworkTarget;
import io.vpc4j.Vpc;
import io.vpc4j.VpcNetwork;
import io.vpc4j.core.directory.BindingSettings;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.ServiceRecord;
import io.vpc4j.core.directory.SimulatedNetwork;
import io.vpc4j.core.directory.SimulatedNetwork.Faults;
import io.vpc4j.core.directory.SimulatedNetwork.Host;
import io.vpc4j.core.directory.SimulatedNetwork.Port;
import io.vpc4j.core.directory.SimulatedNetwork.Target;
import io.vpc4j.core.directory.TlsSettings;
import io.vpc4j.core.directory.VirtualNetwork;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.routing.BindingSpec;
import io.vpc4j.core.runtime.RuntimePlan;
import io.vpc4j.core.runtime.VpcRuntime;
import io.vpc4j.core.spi.NextHop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A private network of named hosts for the tests of an application, as a JUnit extension.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final PrivateNetwork network =
 *     PrivateNetwork.builder()
 *         .network("MY_VPC")
 *         .host("data.internal", "10.0.1.50", host -> host.http(80, asked -> Reply.text("hello")))
 *         .build();
 *
 * @Test
 * void asks(Vpc vpc) throws Exception {
 *   assertEquals("hello", vpc.network("MY_VPC").fetch("http://10.0.1.50/data").text());
 * }
 * }</pre>
 *
 * <p>Each test gets a {@link Vpc} of its own, without connections and without faults. In a static
 * field the handlers are declared once for the class, in another once for each test. A test gets
 * the {@link Vpc} as a parameter, or from {@link #vpc}; where there is one network binding alone,
 * the {@link VpcNetwork} too. Nothing outside the hosts that were declared is ever dialled.
 */
public final class PrivateNetwork
    implements BeforeAllCallback,
        BeforeEachCallback,
        AfterEachCallback,
        AfterAllCallback,
        ParameterResolver,
        AutoCloseable {

  private final List<BindingSpec> bindings;
  private final Map<String, ServiceRecord> services;
  private final Map<String, Host> hosts;
  private final Map<String, BindingSettings> settings;
  private final Map<String, Faults> faults = new HashMap<>();
  private final ExecutorService handlers;
  private @Nullable ChangingDirectory directory;
  private @Nullable Vpc vpc;
  private boolean forTheClass;

  private PrivateNetwork(Builder builder) {
    bindings = List.copyOf(builder.bindings);
    services = Map.copyOf(builder.services);
    hosts = new LinkedHashMap<>(builder.hosts);
    settings = Map.copyOf(builder.settings);
    handlers = builder.handlers;
  }

  /** Nothing yet. */
  public static Builder builder() {
    return new Builder();
  }

  // ---- for a test

  /**
   * The network as an application sees it; opened at the first call.
   *
   * @throws IllegalStateException after {@link #close}
   */
  public synchronized Vpc vpc() {
    var open = vpc;
    if (open == null) {
      if (handlers.isShutdown()) {
        throw new IllegalStateException("the network is closed");
      }
      directory = new ChangingDirectory(snapshot());
      open = VpcRuntime.open(RuntimePlan.of(bindings, directory));
      vpc = open;
    }
    return open;
  }

  /**
   * Has {@code fault} hold for a host until the end of the test: from the next connection or
   * look-up on. Connections that are open stay as they are.
   *
   * @throws IllegalArgumentException if no host has that name
   */
  public synchronized void fault(String host, Fault fault) {
    if (!hosts.containsKey(host)) {
      throw new IllegalArgumentException(
          "No host is called \"" + host + "\". There are: " + String.join(", ", hosts.keySet()));
    }
    faults.put(host, fault.faults());
    publish();
  }

  /** Takes every fault away. */
  public synchronized void heal() {
    if (!faults.isEmpty()) {
      faults.clear();
      publish();
    }
  }

  private void publish() {
    if (directory != null) {
      directory.change(snapshot());
    }
  }

  private DirectorySnapshot snapshot() {
    var now = new LinkedHashMap<String, Host>();
    hosts.forEach(
        (name, host) ->
            now.put(
                name,
                new Host(
                    host.name(),
                    host.addresses(),
                    host.alias(),
                    host.ports(),
                    host.scopes(),
                    faults.getOrDefault(name, Faults.NONE))));
    return new DirectorySnapshot(
        Map.of(),
        Map.of(VirtualNetwork.DEFAULT.virtualNetworkId(), VirtualNetwork.DEFAULT),
        List.of(),
        List.of(),
        services,
        Map.of(),
        new SimulatedNetwork(now),
        settings,
        Map.of());
  }

  /** Closes the {@link Vpc}. JUnit does that for an extension. May be called again. */
  @Override
  public synchronized void close() {
    shut();
    handlers.shutdownNow();
  }

  private synchronized void shut() {
    var open = vpc;
    vpc = null;
    if (open != null) {
      open.close();
    }
  }

  // ---- for JUnit

  @Override
  public void beforeAll(ExtensionContext context) {
    forTheClass = true;
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    vpc();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    heal();
    shut(); // or the next test would find this one's connections, and miss its own faults
    if (!forTheClass) {
      close();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    close();
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    var type = parameter.getParameter().getType();
    return type == Vpc.class || (type == VpcNetwork.class && networks().size() == 1);
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Vpc.class
        ? vpc()
        : vpc().network(networks().get(0));
  }

  private List<String> networks() {
    return bindings.stream()
        .filter(BindingSpec.Network.class::isInstance)
        .map(BindingSpec::name)
        .toList();
  }

  // ---- declaring

  /** Declares a network. For one thread. */
  public static final class Builder {
    private final List<BindingSpec> bindings = new ArrayList<>();
    private final Map<String, ServiceRecord> services = new LinkedHashMap<>();
    private final Map<String, Host> hosts = new LinkedHashMap<>();
    private final Map<String, BindingSettings> settings = new LinkedHashMap<>();
    private final ExecutorService handlers =
        Executors.newCachedThreadPool(
            task -> {
              var thread = new Thread(task, "private-network");
              thread.setDaemon(true);
              return thread;
            });

    private Builder() {}

    /** A {@code vpc_networks} binding, through which every host is reached. */
    public Builder network(String binding) {
      unused(binding);
      var target = new NetworkTarget.Tunnel("00000000-0000-4000-8000-000000000000");
      bindings.add(new BindingSpec.Network(binding, target, true));
      return this;
    }

    /** What is set for a binding: its policy, its bounds, its TLS. */
    public Builder settings(String binding, BindingSettings chosen) {
      settings.put(binding, chosen);
      return this;
    }

    /** A {@code vpc_services} binding to the http port of a host. */
    public Builder httpService(String binding, String host, int port) {
      return service(
          binding,
          host,
          ServiceRecord.Type.HTTP,
          new ServiceRecord.Ports(
              OptionalInt.of(port), OptionalInt.empty(), OptionalInt.empty(), Optional.empty()));
    }

    /** A {@code vpc_services} binding to any port of a host. */
    public Builder tcpService(String binding, String host, int port) {
      return service(
          binding,
          host,
          ServiceRecord.Type.TCP,
          new ServiceRecord.Ports(
              OptionalInt.empty(), OptionalInt.empty(), OptionalInt.of(port), Optional.empty()));
    }

    private Builder service(
        String binding, String host, ServiceRecord.Type type, ServiceRecord.Ports ports) {
      unused(binding);
      services.put(
          binding,
          new ServiceRecord(
              binding,
              binding,
              type,
              new ServiceRecord.Host.Hostname(host, List.of()),
              new NextHop.LocalHop("service:" + binding),
              ports,
              TlsSettings.DEFAULT));
      bindings.add(new BindingSpec.Service(binding, binding, true));
      return this;
    }

    private void unused(String binding) {
      if (bindings.stream().anyMatch(other -> other.name().equals(binding))) {
        throw new IllegalArgumentException("there is a binding \"" + binding + "\" already");
      }
    }

    /**
     * A host.
     *
     * @param name in lower case
     * @param address IPv4 or IPv6, of no other host
     * @param ports declares what its ports lead to
     * @throws IllegalArgumentException if the name or the address is taken, or no address
     */
    public Builder host(String name, String address, Consumer<Ports> ports) {
      var own = IpAddress.require(address);
      if (hosts.values().stream().anyMatch(host -> host.addresses().contains(own))) {
        throw new IllegalArgumentException("there is a host at " + address + " already");
      }
      var declared = new Ports(handlers);
      ports.accept(declared);
      var host =
          new Host(name, List.of(own), Optional.empty(), declared.ports, Set.of(), Faults.NONE);
      if (hosts.putIfAbsent(name, host) != null) {
        throw new IllegalArgumentException("there is a host \"" + name + "\" already");
      }
      return this;
    }

    /** The network. */
    public PrivateNetwork build() {
      return new PrivateNetwork(this);
    }
  }

  /** What the ports of a host lead to. */
  public static final class Ports {
    private final ExecutorService handlers;
    private final Map<Integer, Port> ports = new LinkedHashMap<>();

    private Ports(ExecutorService handlers) {
      this.handlers = handlers;
    }

    /** HTTP, answered by {@code handler}. */
    public Ports http(int port, Exchange.Handler handler) {
      return tcp(port, new HttpHost(handler, handlers));
    }

    /** Octets, served by a fresh handler for the server's end of each connection. */
    public Ports tcp(int port, Supplier<ChannelHandler> perConnection) {
      return put(port, new Target.InProcess(perConnection));
    }

    /** A port of 127.0.0.1, such as that of a container. */
    public Ports local(int port, int localPort) {
      return put(
          port, new Target.Tcp(new InetSocketAddress(InetAddress.getLoopbackAddress(), localPort)));
    }

    /** A Unix socket of this machine. */
    public Ports unix(int port, Path socket) {
      return put(port, new Target.Unix(socket));
    }

    private Ports put(int port, Target target) {
      if (port < 1 || port > 65_535) {
        throw new IllegalArgumentException("port must be 1 to 65535, not " + port);
      }
      ports.put(port, new Port(target, Faults.NONE));
      return this;
    }
  }
}

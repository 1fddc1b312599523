package io.vpc4j.mesh.netstack.tcp.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vpc4j.mesh.netstack.tcp.TcpConnection;
import io.vpc4j.mesh.netstack.tcp.TcpEvent;
import io.vpc4j.mesh.netstack.tcp.TcpFlow;
import io.vpc4j.mesh.netstack.tcp.TcpHost;
import io.vpc4j.mesh.netstack.tcp.TcpLimits;
import io.vpc4j.mesh.netstack.tcp.TcpListener;
import io.vpc4j.mesh.netstack.tcp.TcpReset;
import io.vpc4j.mesh.netstack.tcp.TcpSettings;
import io.vpc4j.mesh.netstack.tcp.wire.TcpSegment;
import io.vpc4j.mesh.netstack.wire.Ecn;
import io.vpc4j.mesh.netstack.wire.InternetChecksum;
import io.vpc4j.mesh.netstack.wire.SipHash;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The kernel at 10.77.0.1, and a stack of just IPv4 and TCP at 10.77.0.2, driven by one thread. */
final class KernelPeer implements AutoCloseable {

  private static final int KERNEL = 0x0A4D_0001;
  private static final int OURS = 0x0A4D_0002;
  private static final int IP_OCTETS = 20;
  private static final long ADDRESSES =
      (KERNEL >>> 16) + (KERNEL & 0xFFFF) + (OURS >>> 16) + (OURS & 0xFFFF);

  final TcpHost tcp = new TcpHost(TcpLimits.defaults());
  private final TcpSettings settings;
  private final int mtu;
  private final SipHash hash = new SipHash(System.nanoTime(), 42);
  private final Map<Integer, TcpConnection> connections = new LinkedHashMap<>();
  private final Map<TcpConnection, Set<TcpEvent>> events = new LinkedHashMap<>();
  private final Map<Integer, TcpListener> listeners = new LinkedHashMap<>();
  private final Path folder;
  private final Process process;
  private final BufferedReader output;
  private final Selector selector;
  private final SocketChannel stream;
  private final ByteBuffer in = ByteBuffer.allocate(512 * 1024);
  private final ByteBuffer out = ByteBuffer.allocate(512 * 1024);
  private final ByteBuffer packet = ByteBuffer.allocate(4_096);
  private final TcpSegment segment = new TcpSegment();
  private int nextPort = 40_000;

  KernelPeer(TcpSettings settings, int mtu, int lossPerMille, String... commands)
      throws IOException {
    this.settings = settings;
    this.mtu = mtu;
    folder = Files.createTempDirectory("vpc4j");
    var script = folder.resolve("kernel_peer.py");
    try (var resource = TcpConnection.class.getResourceAsStream("kernel_peer.py")) {
      Files.copy(resource, script);
    }
    var path = folder.resolve("packets");
    try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(path));
      var words = new ArrayList<>(List.of("unshare", "-n", "python3", script.toString()));
      words.addAll(List.of(path.toString(), "" + mtu, "" + lossPerMille));
      words.addAll(Arrays.asList(commands));
      process = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      stream = listener.accept();
    }
    output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    if (!"ready".equals(output.readLine())) {
      throw new IOException("the kernel's side did not come up");
    }
    stream.configureBlocking(false);
    selector = Selector.open();
    stream.register(selector, SelectionKey.OP_READ);
  }

  TcpConnection connect(int port) {
    var flow = flow(nextPort++, port);
    var connection = TcpConnection.open(tcp, flow, settings, System.nanoTime());
    add(connection);
    return connection;
  }

  TcpListener listen(int port, int maxHalfOpen) {
    var listener = new TcpListener(tcp, settings, maxHalfOpen, 1_000, hash);
    listeners.put(port, listener);
    return listener;
  }

  boolean has(TcpConnection connection, TcpEvent event) {
    return events.get(connection).contains(event);
  }

  int live() {
    return connections.size();
  }

  /** A line that the kernel's side says; it is asked after the octets have passed. */
  @Nullable String line() throws IOException {
    return output.readLine();
  }

  boolean hasLine() throws IOException {
    return output.ready();
  }

  private TcpFlow flow(int local, int remote) {
    return new TcpFlow(local, remote, mtu - IP_OCTETS, hash.hash(local, remote));
  }

  private void add(TcpConnection connection) {
    var flow = connection.flow();
    connections.put(flow.localPort() << 16 | flow.remotePort(), connection);
    events.put(connection, EnumSet.noneOf(TcpEvent.class));
  }

  /** Runs until {@code done}, calling {@code application} in between; false when the time is up. */
  boolean run(int maxSeconds, BooleanSupplier done, Runnable application) throws IOException {
    var endNs = System.nanoTime() + maxSeconds * 1_000_000_000L;
    while (System.nanoTime() - endNs < 0) {
      application.run();
      drain();
      if (done.getAsBoolean()) {
        return true;
      }
      var wait = 100_000_000L;
      for (var connection : connections.values()) {
        if (connection.deadlineNs() != TcpConnection.NO_DEADLINE) {
          wait = Math.min(wait, connection.deadlineNs() - System.nanoTime());
        }
      }
      stream
          .keyFor(selector)
          .interestOps(SelectionKey.OP_READ | (out.position() > 0 ? SelectionKey.OP_WRITE : 0));
      if (wait <= 0) {
        selector.selectNow();
      } else {
        selector.select(Math.max(1, wait / 1_000_000));
      }
      selector.selectedKeys().clear();
      receive();
      for (var connection : connections.values()) {
        connection.onTime(System.nanoTime());
      }
    }
    return false;
  }

  private void receive() throws IOException {
    if (stream.read(in) < 0) {
      throw new IOException("the kernel's side has gone");
    }
    in.flip();
    while (in.remaining() >= 2) {
      var length = in.getShort(in.position()) & 0xFFFF;
      if (in.remaining() < 2 + length) {
        break;
      }
      onPacket(in.position() + 2, length);
      in.position(in.position() + 2 + length);
    }
    in.compact();
  }

  private void onPacket(int at, int length) {
    if (in.get(at) != 0x45 || in.get(at + 9) != 6 || in.getInt(at + 16) != OURS) {
      return; // IPv6's neighbour discovery and the like
    }
    var tcpOctets = length - IP_OCTETS;
    var sum = InternetChecksum.sum(in, at + IP_OCTETS, tcpOctets);
    if (InternetChecksum.fold(InternetChecksum.pseudoHeader(ADDRESSES, 6, tcpOctets) + sum) != 0) {
      throw new AssertionError("checksum of " + length + " octets");
    }
    var verdict = segment.read(in, at + IP_OCTETS, tcpOctets, Ecn.of(in.get(at + 1)));
    if (verdict != TcpSegment.Verdict.OK) {
      throw new AssertionError(verdict);
    }
    var nowNs = System.nanoTime();
    var local = segment.destinationPort();
    var connection = connections.get(local << 16 | segment.sourcePort());
    if (connection != null) {
      connection.onSegment(segment, nowNs);
      return;
    }
    packet.clear().position(IP_OCTETS);
    var listener = listeners.get(local);
    if (listener == null) {
      TcpReset.answer(segment, tcp, packet);
    } else {
      var flow = flow(local, segment.sourcePort());
      var made = listener.onSegment(segment, flow, packet, nowNs);
      if (made != null) {
        add(made);
      }
    }
    if (packet.position() > IP_OCTETS) {
      send(Ecn.NOT_ECT);
    }
  }

  private void drain() throws IOException {
    for (var connection : List.copyOf(connections.values())) {
      while (out.remaining() > 2 * mtu) {
        packet.clear().position(IP_OCTETS);
        if (connection.poll(packet, System.nanoTime()) == 0) {
          break;
        }
        send(connection.polledEcn());
      }
      for (var event = connection.pollEvent(); event != null; event = connection.pollEvent()) {
        events.get(connection).add(event);
        if (event == TcpEvent.CLOSED) {
          var flow = connection.flow();
          connections.remove(flow.localPort() << 16 | flow.remotePort());
        }
      }
    }
    out.flip();
    stream.write(out);
    out.compact();
  }

  /**
   * Puts the IP header before the segment that lies in {@link #packet}, and both into the stream.
   */
  private void send(Ecn ecn) {
    var length = packet.position();
    var tcpOctets = length - IP_OCTETS;
    packet.put(0, (byte) 0x45).put(1, (byte) ecn.bits()).putShort(2, (short) length);
    packet.putInt(4, 0x4000).put(8, (byte) 64).put(9, (byte) 6).putShort(10, (short) 0);
    packet.putInt(12, OURS).putInt(16, KERNEL).flip();
    packet.putShort(10, (short) InternetChecksum.fold(InternetChecksum.sum(packet, 0, IP_OCTETS)));
    var sum = InternetChecksum.sum(packet, IP_OCTETS, tcpOctets);
    var pseudo = InternetChecksum.pseudoHeader(ADDRESSES, 6, tcpOctets);
    var checksum = InternetChecksum.fold(pseudo + sum);
    packet.putShort(IP_OCTETS + TcpSegment.CHECKSUM_OFFSET, (short) checksum);
    out.putShort((short) length).put(packet);
  }

  @Override
  public void close() throws IOException {
    stream.close();
    selector.close();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    output.close();
    try (var files = Files.list(folder)) {
      for (var file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}

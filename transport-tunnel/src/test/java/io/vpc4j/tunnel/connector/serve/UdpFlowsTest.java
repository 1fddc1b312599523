package io.vpc4j.tunnel.connector.serve;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.tunnel.carrier.ConnectorCarrier;
import io.vpc4j.tunnel.connector.config.WarpRouting;
import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.rpc.RpcReply;
import io.vpc4j.tunnel.session.DatagramVersion;
import io.vpc4j.tunnel.stream.datagram.Datagram;
import io.vpc4j.tunnel.stream.datagram.DatagramV2;
import io.vpc4j.tunnel.stream.datagram.DatagramV3;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class UdpFlowsTest {

  private static final UUID SESSION = UUID.fromString("b470cd4c-b3e4-4f32-a64a-0328a4f33de3");
  private static final IpAddress LOOPBACK = IpAddress.require("127.0.0.1");

  private final EventLoops loops = EventLoops.open(EventLoops.best(), 1);
  private final EventLoop loop = loops.group().next();
  private final Counters counters = new Counters();
  private final FakeCarrier carrier = new FakeCarrier(loop);
  private final BlockingQueue<RpcCall.UnregisterUdpSession> ended = new LinkedBlockingQueue<>();
  private final DatagramSocket echo;
  private UdpFlows flows;

  UdpFlowsTest() throws IOException {
    echo = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    var thread = new Thread(this::echo, "echo");
    thread.setDaemon(true);
    thread.start();
  }

  private void echo() {
    var packet = new DatagramPacket(new byte[2_000], 2_000);
    while (!echo.isClosed()) {
      try {
        packet.setLength(2_000);
        echo.receive(packet);
        echo.send(packet);
      } catch (IOException closed) {
        return;
      }
    }
  }

  @AfterEach
  void end() throws Exception {
    onLoop(
        () -> {
          flows.close();
          return null;
        });
    assertThat(counters.activeUdpSessions).hasValue(0);
    echo.close();
    loops.close();
  }

  private void begin(DatagramVersion version, long maxFlows, boolean allowed) {
    var shared =
        new UdpFlows.Shared(
            loops,
            Ticker.system(),
            version,
            () -> WarpRouting.DEFAULTS,
            (destination, routing) -> allowed,
            () -> new InetSocketAddress(InetAddress.getLoopbackAddress(), echo.getLocalPort()),
            new Flows(() -> maxFlows),
            counters,
            new Tracer(InstantSource.system(), () -> 1, "test"),
            FlowLog.NONE);
    flows = new UdpFlows(shared, carrier, ended::add);
  }

  private <T> T onLoop(Callable<T> job) throws Exception {
    return loop.submit(job).get(20, SECONDS);
  }

  private String register(UUID session, IpAddress address, int port, long idleNs) throws Exception {
    var call = new RpcCall.RegisterUdpSession(session, address, port, idleNs, "");
    var reply = onLoop(() -> flows.register(call)).get(20, SECONDS);
    return ((RpcReply.UdpSessionRegistered) reply).error();
  }

  private void arrive(Datagram datagram) throws Exception {
    var octets = ByteBuffer.allocate(datagram.octets());
    datagram.write(octets);
    var buffer = Unpooled.wrappedBuffer(octets.array());
    onLoop(
        () -> {
          flows.onDatagram(buffer);
          return null;
        });
    buffer.release();
  }

  @Test
  void aSessionOfVersion2IsADatagramSocketUntilTheEdgeEndsIt() throws Exception {
    begin(DatagramVersion.V2, 0, true);

    assertThat(register(SESSION, LOOPBACK, echo.getLocalPort(), 0)).isEmpty();
    arrive(new DatagramV2.Udp(SESSION, ByteBuffer.wrap("ping".getBytes(US_ASCII))));

    var back = (DatagramV2.Udp) DatagramV2.read(carrier.sent.poll(20, SECONDS));
    assertThat(back.sessionId()).isEqualTo(SESSION);
    assertThat(US_ASCII.decode(back.payload()).toString()).isEqualTo("ping");
    onLoop(
        () -> {
          flows.unregister(new RpcCall.UnregisterUdpSession(SESSION, "enough"));
          return null;
        });
    assertThat(flows.size()).isZero();
    assertThat(ended).isEmpty();
  }

  @Test
  void anIdleSessionEndsAndTheEdgeIsTold() throws Exception {
    begin(DatagramVersion.V2, 0, true);
    assertThat(register(SESSION, LOOPBACK, echo.getLocalPort(), 50_000_000)).isEmpty();

    assertThat(ended.poll(20, SECONDS).sessionId()).isEqualTo(SESSION);
  }

  @Test
  void aSessionOfVersion3IsRegisteredByADatagram() throws Exception {
    begin(DatagramVersion.V3, 0, true);
    arrive(new DatagramV3.Registration(SESSION, LOOPBACK, echo.getLocalPort(), 60));
    var answer = (DatagramV3.Response) DatagramV3.read(carrier.sent.poll(20, SECONDS));
    assertThat(answer.code()).isEqualTo(DatagramV3.Response.Code.OK);
    arrive(new DatagramV3.Payload(SESSION, ByteBuffer.wrap("pong".getBytes(US_ASCII))));

    var back = (DatagramV3.Payload) DatagramV3.read(carrier.sent.poll(20, SECONDS));
    assertThat(US_ASCII.decode(back.payload()).toString()).isEqualTo("pong");
  }

  @Test
  void theVirtualDnsServiceLeadsToTheResolver() throws Exception {
    begin(DatagramVersion.V2, 0, false);
    var dns = Destination.VIRTUAL_DNS;
    assertThat(register(SESSION, dns.address(), dns.port(), 0)).isEmpty();
    arrive(new DatagramV2.Udp(SESSION, ByteBuffer.wrap("query".getBytes(US_ASCII))));

    assertThat(carrier.sent.poll(20, SECONDS)).isNotNull();
    assertThat(counters.dnsOverUdp.sum()).isEqualTo(1);
  }

  @Test
  void whatIsDeniedOrOneTooManyIsRefusedInWords() throws Exception {
    begin(DatagramVersion.V2, 0, false);
    assertThat(register(SESSION, LOOPBACK, 9, 0)).startsWith("denied by");

    begin(DatagramVersion.V2, 1, true);
    assertThat(register(SESSION, LOOPBACK, echo.getLocalPort(), 0)).isEmpty();
    assertThat(register(new UUID(0, 1), LOOPBACK, echo.getLocalPort(), 0))
        .contains("too many active flows");
  }

  @Test
  void whatIsNoDatagramOrForNobodyIsCountedAndDropped() throws Exception {
    begin(DatagramVersion.V2, 0, true);
    arrive(new DatagramV2.Udp(SESSION, ByteBuffer.wrap(new byte[1])));
    var nonsense = Unpooled.wrappedBuffer(new byte[] {9});
    onLoop(
        () -> {
          flows.onDatagram(nonsense);
          return null;
        });
    nonsense.release();

    assertThat(carrier.sent).isEmpty();
    assertThat(counters.droppedDatagrams.sum()).isPositive();
  }

  /** A carrier that keeps what is sent. */
  private record FakeCarrier(EventLoop eventLoop, BlockingQueue<ByteBuffer> sent)
      implements ConnectorCarrier {

    FakeCarrier(EventLoop eventLoop) {
      this(eventLoop, new LinkedBlockingQueue<>());
    }

    @Override
    public int maxDatagramOctets() {
      return 1_350;
    }

    @Override
    public boolean sendDatagram(ByteBuf datagram) {
      var copy = ByteBuffer.allocate(datagram.readableBytes());
      datagram.readBytes(copy);
      datagram.release();
      return sent.add(copy.flip());
    }

    @Override
    public Future<Channel> openRpc(ChannelHandler initializer) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Protocol protocol() {
      return Protocol.QUIC;
    }

    @Override
    public InetSocketAddress localAddress() {
      throw new UnsupportedOperationException();
    }

    @Override
    public InetSocketAddress remoteAddress() {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean carriesDatagrams() {
      return true;
    }

    @Override
    public int openStreams() {
      return 0;
    }

    @Override
    public long octetsIn() {
      return 0;
    }

    @Override
    public long octetsOut() {
      return 0;
    }

    @Override
    public OptionalLong rttNs() {
      return OptionalLong.empty();
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public Future<Void> closeFuture() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close(String reason) {
      throw new UnsupportedOperationException();
    }
  }
}

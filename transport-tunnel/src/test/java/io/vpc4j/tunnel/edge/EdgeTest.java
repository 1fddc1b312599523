package io.vpc4j.tunnel.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultEventLoop;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.SimulatedNetwork;
import io.vpc4j.core.directory.TunnelRecord;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Secret;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.carrier.OpenStream;
import io.vpc4j.tunnel.carrier.StreamFailure;
import io.vpc4j.tunnel.octets.Octets;
import io.vpc4j.tunnel.rpc.ClientInfo;
import io.vpc4j.tunnel.rpc.ConnectionDetails.Management;
import io.vpc4j.tunnel.rpc.ConnectionError;
import io.vpc4j.tunnel.rpc.ConnectionOptions;
import io.vpc4j.tunnel.rpc.ConnectionOptions.Replacement;
import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.rpc.RpcReply;
import io.vpc4j.tunnel.rpc.TunnelAuth;
import io.vpc4j.tunnel.session.Refusal;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;
import io.vpc4j.tunnel.udp.UdpRefused;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Registration, and the choice of a connection, over carriers without a network. */
@Timeout(60)
class EdgeTest {

  private static final UUID TUNNEL = UUID.fromString("11111111-2222-3333-4444-555555555555");
  private static final UUID CONNECTOR = UUID.fromString("aff4f858-a2e1-4736-83a0-22050330d22b");
  private static final String SECRET = "secretsecretsecretsecretsecret12";
  private static final ConnectRequest REQUEST = ConnectRequest.tcp("10.0.1.50:80");

  private final EventLoops loops = EventLoops.open(EventLoops.Io.NIO, 1);
  private final ChangingDirectory directory = new ChangingDirectory();
  private final Edge edge =
      new Edge(
          new CarrierContext(loops, PooledByteBufAllocator.DEFAULT, Ticker.system()),
          directory,
          () -> Instant.ofEpochSecond(1_790_000_000));

  @AfterEach
  void stop() {
    edge.close();
    loops.close();
  }

  private static final class ChangingDirectory implements Directory {
    private final List<Consumer<DirectorySnapshot>> listeners = new CopyOnWriteArrayList<>();
    private volatile DirectorySnapshot snapshot = EdgeTest.snapshot(SECRET, Optional.empty());

    void change(DirectorySnapshot next) {
      snapshot = next;
      listeners.forEach(listener -> listener.accept(next));
    }

    @Override
    public DirectorySnapshot snapshot() {
      return snapshot;
    }

    @Override
    public Runnable onChange(Consumer<DirectorySnapshot> listener) {
      listeners.add(listener);
      return () -> listeners.remove(listener);
    }

    @Override
    public void close() {}
  }

  private static DirectorySnapshot snapshot(
      String secret, Optional<Map<String, Object>> configuration) {
    var record =
        new TunnelRecord(TUNNEL.toString(), "office", Optional.of(Secret.of(secret)))
            .withConfig(configuration);
    return snapshot(Map.of(TUNNEL.toString(), record));
  }

  private static DirectorySnapshot snapshot(Map<String, TunnelRecord> tunnels) {
    return new DirectorySnapshot(
        tunnels,
        Map.of(),
        List.of(),
        List.of(),
        Map.of(),
        Map.of(),
        SimulatedNetwork.EMPTY,
        Map.of(),
        Map.of());
  }

  private static RpcCall register(UUID tunnel, String secret, UUID connector, int index) {
    return register(tunnel, secret, connector, index, "2026.8.2");
  }

  private static RpcCall register(
      UUID tunnel, String secret, UUID connector, int index, String version) {
    return new RpcCall.RegisterConnection(
        new TunnelAuth("0123456789abcdef0123456789abcdef", Secret.of(secret)),
        tunnel,
        index,
        new ConnectionOptions(
            new ClientInfo(connector, List.of("support_quic_eof"), version, "linux_amd64"),
            Octets.EMPTY,
            Replacement.NOT_ASKED,
            0,
            0));
  }

  private ScriptedCarrier ready(UUID connector, int index) {
    var carrier = new ScriptedCarrier();
    carrier.begin(edge);
    assertThat(carrier.call(register(TUNNEL, SECRET, connector, index)))
        .isInstanceOf(RpcReply.Registered.class);
    return carrier;
  }

  // ---- registration

  @Test
  void aConnectorWithTheSecretIsRegistered() {
    var carrier = ready(CONNECTOR, 0);

    assertThat(edge.connections())
        .singleElement()
        .satisfies(
            it -> {
              assertThat(it.state()).isEqualTo(EdgeConnection.State.READY);
              assertThat(it.registration().connectorId()).isEqualTo(CONNECTOR);
              assertThat(it.registration().version()).isEqualTo("2026.8.2");
            });
    carrier.advance(1, TimeUnit.HOURS);
    assertThat(carrier.closeReason).as("it may stay").isNull();
  }

  @Test
  void aWrongSecretAndAnUnknownTunnelAreToldTheSameAndTurnedOutASecondLater() {
    var wrong = new ScriptedCarrier();
    wrong.begin(edge);
    var unknown = new ScriptedCarrier();
    unknown.begin(edge);

    var first = refusal(wrong.call(register(TUNNEL, "x".repeat(32), CONNECTOR, 0)));
    var stranger = new UUID(1, 2);
    var second = refusal(unknown.call(register(stranger, SECRET, CONNECTOR, 0)));

    assertThat(first.cause()).contains(ConnectionError.UNAUTHORIZED);
    assertThat(second.cause())
        .isEqualTo(first.cause().replace(TUNNEL.toString(), stranger.toString()));
    wrong.advance(900, TimeUnit.MILLISECONDS);
    assertThat(wrong.closeReason).as("it has time to read that").isNull();
    wrong.advance(200, TimeUnit.MILLISECONDS);
    assertThat(wrong.closeReason).isNotNull();
    assertThat(edge.connections()).isEmpty();
  }

  private static ConnectionError refusal(RpcReply reply) {
    assertThat(reply).isInstanceOf(RpcReply.RegistrationRefused.class);
    return ((RpcReply.RegistrationRefused) reply).error();
  }

  @Test
  void whoDoesNotRegisterInTenSecondsIsTurnedOut() {
    var carrier = new ScriptedCarrier();
    carrier.begin(edge);

    carrier.advance(9_900, TimeUnit.MILLISECONDS);
    assertThat(carrier.closeReason).isNull();
    carrier.advance(200, TimeUnit.MILLISECONDS);

    assertThat(carrier.closeReason).isEqualTo("not registered in time");
  }

  @Test
  void halfACallAndSilenceIsNoRegistration() {
    var carrier = new ScriptedCarrier();
    carrier.begin(edge);
    carrier.control.writeInbound(
        io.netty.buffer.Unpooled.wrappedBuffer(new byte[] {0, 0, 0, 0, 5, 0, 0, 0, 1, 2, 3}));

    carrier.advance(11, TimeUnit.SECONDS);

    assertThat(carrier.closeReason).isEqualTo("not registered in time");
  }

  @Test
  void callsThatMakeNoSenseEndTheConnection() {
    var carrier = new ScriptedCarrier();
    carrier.begin(edge);
    var nonsense = new byte[64];
    java.util.Arrays.fill(nonsense, (byte) 0xff);

    carrier.control.writeInbound(io.netty.buffer.Unpooled.wrappedBuffer(nonsense));

    assertThat(carrier.closeReason).isEqualTo("calls that make no sense");
    carrier.control.releaseOutbound();
  }

  @Test
  void aNewerConnectionOfTheSameIndexReplacesTheOlder() {
    var older = ready(CONNECTOR, 0);
    var other = ready(CONNECTOR, 1);
    var newer = ready(CONNECTOR, 0);

    assertThat(older.closeReason).contains("replaced");
    assertThat(other.closeReason).isNull();
    assertThat(newer.closeReason).isNull();
    assertThat(edge.connections()).hasSize(2);
  }

  @Test
  void unregisteringDrainsAndThreeMinutesLaterCloses() throws Exception {
    var carrier = ready(CONNECTOR, 0);

    assertThat(carrier.call(new RpcCall.UnregisterConnection())).isInstanceOf(RpcReply.Done.class);

    assertThat(edge.connections().iterator().next().state())
        .isEqualTo(EdgeConnection.State.DRAINING);
    assertThat(failure(open(200)).kind()).isEqualTo(StreamFailure.Kind.NOT_OPENED);
    assertThat(carrier.asked).as("it is asked for nothing new").isEmpty();
    carrier.advance(179, TimeUnit.SECONDS);
    assertThat(carrier.closeReason).isNull();
    carrier.advance(2, TimeUnit.SECONDS);
    assertThat(carrier.closeReason).isNotNull();
  }

  @Test
  void aTunnelThatLeavesTheDirectoryTakesItsConnectionsAlong() {
    var carrier = ready(CONNECTOR, 0);

    directory.change(snapshot(SECRET, Optional.empty()));
    assertThat(carrier.closeReason).as("nothing has changed for it").isNull();
    directory.change(snapshot(Map.of()));

    assertThat(carrier.closeReason).isNotNull();
    assertThat(edge.connections()).isEmpty();
  }

  @Test
  void theOptionsAreKeptAndTheLocalConfigurationIsTaken() {
    var carrier = ready(CONNECTOR, 0);

    var reply =
        carrier.call(
            new RpcCall.UpdateLocalConfiguration(
                Octets.ofUtf8("{\"ingress\":[{\"service\":\"http_status:404\"}]}")));

    assertThat(reply).isInstanceOf(RpcReply.Done.class);
    var connection = edge.connections().iterator().next();
    assertThat(connection.localConfiguration().orElseThrow().utf8()).contains("ingress");
    assertThat(carrier.pushed).as("this release needs nothing for TCP").isEmpty();
  }

  @Test
  void drainingWaitsForWhatRunsAndOpensNothingNew() throws Exception {
    var carrier = ready(CONNECTOR, 0);
    carrier.openStreams = 1;

    var drained = edge.drain(TimeUnit.SECONDS.toNanos(20));

    assertThat(failure(open(5_000)).kind()).isEqualTo(StreamFailure.Kind.NOT_OPENED);
    assertThat(drained.await(100)).as("a stream is open").isFalse();
    assertThat(carrier.closeReason).isNull();
    carrier.openStreams = 0;
    assertThat(drained.await(30, TimeUnit.SECONDS)).isTrue();
    edge.close();
    assertThat(carrier.closeReason).isNotNull();
  }

  @Test
  void drainingIsOverAtTheEndOfTheGracePeriodAndTheStreamsAreCut() throws Exception {
    var carrier = ready(CONNECTOR, 0);
    carrier.openStreams = 1;

    var drained = edge.drain(TimeUnit.MILLISECONDS.toNanos(50));

    assertThat(drained.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(carrier.closeReason).isNull();
    edge.close();
    assertThat(carrier.closeReason).isEqualTo(Edge.CLOSING);
  }

  @Test
  void connectionsThatHaveNotRegisteredAreClosedWithTheEdge() throws Exception {
    var carrier = new ScriptedCarrier();
    carrier.begin(edge);

    edge.close();

    assertThat(carrier.closeReason).isEqualTo(Edge.CLOSING);
  }

  @Test
  void dialsThatWaitForAConnectorEndWhenTheEdgeBeginsToDrain() throws Exception {
    var waiting = open(60_000);
    assertThat(waiting.await(50)).isFalse();

    edge.drain(0);

    assertThat(failure(waiting)).hasMessageContaining(Edge.CLOSING);
    assertThat(failure(waiting).kind()).isEqualTo(StreamFailure.Kind.NOT_OPENED);
  }

  @Test
  void noUdpSessionIsOpenedWhileDraining() throws Exception {
    ready(CONNECTOR, 0);
    edge.drain(0);

    var refused = openUdp(60_000);

    assertThat(refused.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(refused.cause()).isInstanceOf(UdpRefused.class).hasMessageContaining(Edge.CLOSING);
  }

  private Future<Channel> openUdp(long patienceMs) {
    return edge.openUdp(
        TUNNEL.toString(),
        UdpWanted.ofAny(IpAddress.require("127.0.0.1"), 53),
        new ChannelInboundHandlerAdapter(),
        System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMs));
  }

  @Test
  void aUdpSessionIsWaitedForUntilThereIsAConnectorAndNoLongerWhereItCarriesNone()
      throws Exception {
    var waiting = openUdp(60_000);
    assertThat(waiting.await(50)).as("no connector is there").isFalse();

    ready(CONNECTOR, 0); // over HTTP/2

    assertThat(waiting.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(((UdpRefused) waiting.cause()).refusal().cause())
        .isEqualTo(Refusal.Cause.NO_DATAGRAMS);
  }

  @Test
  void aUdpSessionThatNobodyTookSaysSinceWhen() throws Exception {
    var waiting = openUdp(20);

    assertThat(waiting.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(((UdpRefused) waiting.cause()).refusal().cause()).isEqualTo(Refusal.Cause.TIMEOUT);
    assertThat(waiting.cause()).hasMessageContaining("none has come since the edge began");
  }

  @Test
  void aDialThatFoundNobodySaysSinceWhen() throws Exception {
    assertThat(failure(open(20)))
        .hasMessageContaining("none has come since the edge began, ")
        .hasMessageContaining("tries again after up to 32 s");

    var refused = new ScriptedCarrier();
    refused.begin(edge);
    refused.call(register(TUNNEL, "x".repeat(32), CONNECTOR, 0));
    ready(CONNECTOR, 0).close("lost");

    assertThat(failure(open(20)))
        .hasMessageContaining("the last one left 0 s ago")
        .hasMessageContaining("a connector was refused 0 s ago, see the log");
  }

  // ---- configurations

  @Test
  void theDirectorysConfigurationIsPushedWithWarpRoutingAndAgainWhenItChanges() {
    var rules = Map.<String, Object>of("ingress", List.of(Map.of("service", "http_status:404")));
    directory.change(snapshot(SECRET, Optional.of(rules)));
    var carrier = new ScriptedCarrier();
    carrier.begin(edge);

    var reply = (RpcReply.Registered) carrier.call(register(TUNNEL, SECRET, CONNECTOR, 0));

    assertThat(reply.details().management()).isEqualTo(Management.REMOTE);
    assertThat(text(carrier, 0))
        .isEqualTo(
            "{\"ingress\":[{\"service\":\"http_status:404\"}],\"warp-routing\":{\"enabled\":true}}");
    directory.change(snapshot(SECRET, Optional.of(rules)));
    assertThat(carrier.pushed).as("the same again").hasSize(1);
    directory.change(snapshot(SECRET, Optional.of(Map.of())));
    assertThat(text(carrier, 1)).isEqualTo("{\"warp-routing\":{\"enabled\":true}}");
  }

  @Test
  void aReleaseThatNeedsItIsGivenWarpRoutingWithItsOwnRules() {
    var carrier = new ScriptedCarrier();
    carrier.begin(edge);
    carrier.call(register(TUNNEL, SECRET, CONNECTOR, 0, "2023.7.3"));
    var second = new ScriptedCarrier();
    second.begin(edge);
    second.call(register(TUNNEL, SECRET, CONNECTOR, 1, "2023.7.3"));
    assertThat(edge.live(TUNNEL.toString())).as("they would refuse TCP streams yet").isEmpty();

    carrier.call(
        new RpcCall.UpdateLocalConfiguration(
            Octets.ofUtf8(
                "{\"__configuration_flags\":{\"protocol\":\"quic\"},"
                    + "\"ingress\":[{\"service\":\"http://127.0.0.1:80\"}],"
                    + "\"warp-routing\":{\"enabled\":false}}")));

    assertThat(text(carrier, 0))
        .isEqualTo(
            "{\"ingress\":[{\"service\":\"http://127.0.0.1:80\"}],"
                + "\"warp-routing\":{\"enabled\":true}}");
    assertThat(edge.live(TUNNEL.toString())).hasSize(2);
    var third = new ScriptedCarrier();
    third.begin(edge);
    third.call(register(TUNNEL, SECRET, CONNECTOR, 2, "2023.7.3"));
    assertThat(edge.live(TUNNEL.toString())).as("its configuration is settled").hasSize(3);
  }

  private static String text(ScriptedCarrier carrier, int index) {
    return new String(carrier.pushed.get(index), StandardCharsets.UTF_8);
  }

  // ---- the choice of a connection

  @Test
  void theLeastLoadedConnectionIsAsked() throws Exception {
    var busy = ready(CONNECTOR, 0);
    var idle = ready(CONNECTOR, 1);
    busy.openStreams = 5;
    idle.openStreams = 4;

    success(open(5_000));

    assertThat(busy.asked).isEmpty();
    assertThat(idle.asked).containsExactly(REQUEST);
  }

  @Test
  void equalOnesAreAskedInTurn() throws Exception {
    var first = ready(CONNECTOR, 0);
    var second = ready(CONNECTOR, 1);

    for (var i = 0; i < 10; i++) {
      success(open(5_000));
    }

    assertThat(first.asked).hasSize(5);
    assertThat(second.asked).hasSize(5);
  }

  @Test
  void ofEqualOnesThoseOnTheCallersLoopAreAsked() throws Exception {
    var there = ready(CONNECTOR, 0);
    var here = ready(CONNECTOR, 1);
    there.loop = new DefaultEventLoop(); // whose thread is never started
    here.loop = loops.group().next(); // the only one, and so the dials'

    for (var i = 0; i < 4; i++) {
      success(open(5_000));
    }
    assertThat(there.asked).isEmpty();
    assertThat(here.asked).hasSize(4);

    here.openStreams = 1;
    success(open(5_000));
    assertThat(there.asked).as("less to do counts for more").hasSize(1);
  }

  @Test
  void oneThatCannotOpenAStreamIsPassedOver() throws Exception {
    var broken = ready(CONNECTOR, 0);
    var lost = ready(CONNECTOR, 1);
    var sound = ready(CONNECTOR, 2);
    broken.answer = request -> StreamFailure.notOpened("no more streams", null);
    lost.answer = request -> StreamFailure.lost("gone", null);
    sound.openStreams = 9;

    success(open(5_000));

    assertThat(broken.asked).hasSize(1);
    assertThat(lost.asked).as("no octet of a TCP stream had been sent").hasSize(1);
    assertThat(sound.asked).hasSize(1);
  }

  @Test
  void anOriginThatRefusedIsNotAskedForElsewhere() throws Exception {
    var first = ready(CONNECTOR, 0);
    var second = ready(CONNECTOR, 1);
    first.answer = request -> StreamFailure.refused("no", ConnectResponse.failed("refused"));
    second.answer = first.answer;

    assertThat(failure(open(5_000)).kind()).isEqualTo(StreamFailure.Kind.REFUSED);

    assertThat(first.asked.size() + second.asked.size()).isEqualTo(1);
  }

  @Test
  void aRequestThatIsNoTcpStreamIsNotSentTwice() throws Exception {
    var first = ready(CONNECTOR, 0);
    var second = ready(CONNECTOR, 1);
    first.answer = request -> StreamFailure.lost("gone", null);
    second.answer = first.answer;
    var request = new ConnectRequest(ConnectRequest.Type.WEBSOCKET, "http://a/", List.of());

    var opening =
        edge.open(
            TUNNEL.toString(),
            Wanted.ofAny(request),
            new ChannelInboundHandlerAdapter(),
            Ticker.system().nowNs() + TimeUnit.SECONDS.toNanos(5));

    assertThat(failure(opening).kind()).isEqualTo(StreamFailure.Kind.LOST);
    assertThat(first.asked.size() + second.asked.size()).isEqualTo(1);
  }

  @Test
  void aDialWaitsForAConnectorAndGoesOnWhenOneComes() throws Exception {
    var opening = open(20_000);
    loops.group().next().submit(() -> {}).await(30, TimeUnit.SECONDS);
    assertThat(opening.isDone()).isFalse();

    var carrier = ready(CONNECTOR, 0);

    success(opening);
    assertThat(carrier.asked).hasSize(1);
  }

  @Test
  void withoutAConnectorADialEndsAtItsDeadline() throws Exception {
    assertThat(failure(open(50)).kind()).isEqualTo(StreamFailure.Kind.NOT_OPENED);
  }

  @Test
  void aConnectorThatDoesNotAnswerIsATimeout() throws Exception {
    ready(CONNECTOR, 0).silent = true;

    assertThat(failure(open(50)).kind()).isEqualTo(StreamFailure.Kind.TIMED_OUT);
  }

  @Test
  void onlyConnectionsThatFitAreAsked() throws Exception {
    var first = ready(CONNECTOR, 0);
    var second = ready(CONNECTOR, 1);
    second.openStreams = 100;

    var opening =
        edge.open(
            TUNNEL.toString(),
            new Wanted(REQUEST, it -> it.registration().call().connIndex() == 1),
            new ChannelInboundHandlerAdapter(),
            Ticker.system().nowNs() + TimeUnit.SECONDS.toNanos(5));

    success(opening);
    assertThat(first.asked).isEmpty();
    assertThat(second.asked).hasSize(1);
  }

  @Test
  void aDialWhoseLoopHasEndedEndsToo() throws Exception {
    loops.close();

    assertThat(failure(open(5_000)).kind()).isEqualTo(StreamFailure.Kind.NOT_OPENED);
  }

  private Future<OpenStream> open(long timeoutMs) {
    return edge.open(
        TUNNEL.toString(),
        Wanted.ofAny(REQUEST),
        new ChannelInboundHandlerAdapter(),
        Ticker.system().nowNs() + TimeUnit.MILLISECONDS.toNanos(timeoutMs));
  }

  private static void success(Future<OpenStream> opening) throws InterruptedException {
    assertThat(opening.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(opening.cause()).isNull();
    opening.getNow().channel().close();
  }

  private static StreamFailure failure(Future<OpenStream> opening) throws InterruptedException {
    assertThat(opening.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(opening.cause()).isInstanceOf(StreamFailure.class);
    return (StreamFailure) opening.cause();
  }
}

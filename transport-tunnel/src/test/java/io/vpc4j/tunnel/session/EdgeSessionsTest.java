package io.vpc4j.tunnel.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.octets.Octets;
import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.rpc.RpcReply;
import io.vpc4j.tunnel.stream.datagram.Datagram;
import io.vpc4j.tunnel.stream.datagram.DatagramV2;
import io.vpc4j.tunnel.stream.datagram.DatagramV3;
import io.vpc4j.tunnel.stream.datagram.DatagramV3.Response.Code;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class EdgeSessionsTest {

  private static final IpAddress HOST = IpAddress.require("10.0.1.50");
  private static final long SECOND = 1_000_000_000L;
  private static final RpcReply.UdpSessionRegistered OK =
      new RpcReply.UdpSessionRegistered("", Octets.EMPTY);
  private static final SessionLimits LIMITS =
      new SessionLimits(3, 210 * SECOND, SECOND / 5, SECOND, 30 * SECOND);

  private long nowNs = Long.MAX_VALUE - 7;
  private long lastId;
  private EdgeSessions edge = edge(DatagramVersion.V2);

  private EdgeSessions edge(DatagramVersion version) {
    return new EdgeSessions(version, LIMITS, () -> new UUID(0, ++lastId));
  }

  @Test
  void aConnectorThatSpeaksVersionThreeListsBoth() {
    assertThat(DatagramVersion.of(List.of("support_datagram_v2", "support_datagram_v3_2")))
        .isEqualTo(DatagramVersion.V3);
    assertThat(DatagramVersion.of(List.of("support_datagram_v2", "support_datagram_v3_1")))
        .isEqualTo(DatagramVersion.V2);
  }

  @Nested
  class OfVersionTwo {

    @Test
    void areRegisteredByACall() {
      var id = open(2 * SECOND);

      assertThat(effects())
          .containsExactly(
              new EdgeSessionEffect.Register(
                  id, new RpcCall.RegisterUdpSession(id, HOST, 53, 2 * SECOND, "")));
      assertThat(edge.payload(id, octets("early"), nowNs)).isNull();
      edge.onRegistered(id, OK, nowNs);
      assertThat(effects()).containsExactly(new EdgeSessionEffect.Opened(id));
      assertThat(edge.payload(id, octets("x"), nowNs))
          .isEqualTo(new DatagramV2.Udp(id, octets("x")));
    }

    @Test
    void areRefusedInWords() {
      refused(Refusal.Cause.TOO_MANY_FLOWS, ConnectorSessions.TOO_MANY_FLOWS);
      refused(Refusal.Cause.UNREACHABLE, "dial udp: connect: network is unreachable");
      refused(Refusal.Cause.FAILED, "something else");
    }

    private void refused(Refusal.Cause cause, String error) {
      var id = open(0);
      effects();
      edge.onRegistered(id, new RpcReply.UdpSessionRegistered(error, Octets.EMPTY), nowNs);

      assertThat(effects())
          .containsExactly(new EdgeSessionEffect.Refused(id, new Refusal(cause, error)));
      assertThat(edge.size()).isZero();
    }

    @Test
    void payloadsComeForOpenSessionsAlone() throws Malformed {
      var id = open(0);
      assertThat(edge.onDatagram(wire(new DatagramV2.Udp(id, octets("early"))), nowNs)).isNull();
      edge.onRegistered(id, OK, nowNs);

      assertThat(edge.onDatagram(wire(new DatagramV2.Udp(id, octets("x"))), nowNs))
          .isEqualTo(new Received(id, octets("x")));
      assertThat(edge.onDatagram(wire(new DatagramV2.Udp(new UUID(9, 9), octets("x"))), nowNs))
          .isNull();
      assertThat(edge.onDatagram(wire(new DatagramV2.Ip(octets("x"))), nowNs)).isNull();
    }

    @Test
    void endByTheConnectorsCall() {
      var id = opened();
      edge.onUnregistered(id, "session idle for 2s");
      edge.onUnregistered(id, "session idle for 2s");

      assertThat(effects())
          .containsExactly(new EdgeSessionEffect.Closed(id, "session idle for 2s"));
    }

    @Test
    void endByOurCall() {
      var id = opened();
      edge.close(id, "done");
      edge.close(id, "done");

      assertThat(effects())
          .containsExactly(
              new EdgeSessionEffect.Unregister(new RpcCall.UnregisterUdpSession(id, "done")));
      assertThat(edge.size()).isZero();
    }

    @Test
    void closedBeforeTheyAreThereAreUnregisteredWhenTheyAre() {
      var id = open(0);
      effects();
      edge.close(id, "cancelled");
      assertThat(effects()).isEmpty();
      edge.onRegistered(id, OK, nowNs);

      assertThat(effects())
          .containsExactly(
              new EdgeSessionEffect.Unregister(new RpcCall.UnregisterUdpSession(id, "cancelled")));
      assertThat(edge.size()).isZero();
    }

    @Test
    void anAnswerThatComesTooLateIsUndone() {
      var id = open(0);
      effects();
      assertThat(edge.waitNs(nowNs)).isEqualTo(5 * SECOND);
      pass(5 * SECOND);
      assertThat(effects())
          .singleElement()
          .isInstanceOfSatisfying(
              EdgeSessionEffect.Refused.class,
              it -> assertThat(it.refusal().cause()).isEqualTo(Refusal.Cause.TIMEOUT));
      edge.onRegistered(id, OK, nowNs);

      assertThat(effects()).singleElement().isInstanceOf(EdgeSessionEffect.Unregister.class);
    }

    @Test
    void thatAreIdleAreTheConnectorsToEndAndOursIfItDoesNot() {
      var id = opened();
      pass(200 * SECOND);
      assertThat(edge.payload(id, octets("x"), nowNs)).isNotNull();
      assertThat(edge.waitNs(nowNs)).isEqualTo(240 * SECOND);
      pass(240 * SECOND - 1);
      assertThat(effects()).isEmpty();
      pass(1);

      assertThat(effects())
          .containsExactly(
              new EdgeSessionEffect.Closed(id, "idle"),
              new EdgeSessionEffect.Unregister(new RpcCall.UnregisterUdpSession(id, "idle")));
    }

    @Test
    void endWithTheirConnection() {
      var id = opened();
      var early = open(0);
      effects();
      edge.onConnectionLost("lost");

      assertThat(effects())
          .containsExactlyInAnyOrder(
              new EdgeSessionEffect.Closed(id, "lost"),
              new EdgeSessionEffect.Refused(
                  early, new Refusal(Refusal.Cause.CONNECTION_LOST, "lost")));
      assertThat(edge.size()).isZero();
      assertThat(edge.waitNs(nowNs)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void haveTheirBound() {
      for (var i = 0; i < 3; i++) {
        open(0);
      }
      effects();
      var fourth = open(0);

      assertThat(effects())
          .containsExactly(
              new EdgeSessionEffect.Refused(
                  fourth, new Refusal(Refusal.Cause.LIMIT, "3 sessions are open")));
      assertThat(edge.size()).isEqualTo(3);
    }

    private UUID opened() {
      var id = open(0);
      edge.onRegistered(id, OK, nowNs);
      effects();
      return id;
    }
  }

  @Nested
  class OfVersionThree {

    OfVersionThree() {
      edge = edge(DatagramVersion.V3);
    }

    @Test
    void areRegisteredByADatagramWithoutAPayload() {
      var id = open(2 * SECOND + 1);

      assertThat(effects())
          .containsExactly(
              new EdgeSessionEffect.Send(new DatagramV3.Registration(id, HOST, 53, 3)));
    }

    @Test
    void theirRegistrationIsRepeatedUntilItsDeadline() {
      open(0);
      var sent = new ArrayList<Long>();
      var start = nowNs;
      for (var effects = effects(); ; effects = effects()) {
        if (!effects.isEmpty() && effects.get(0) instanceof EdgeSessionEffect.Refused refused) {
          assertThat(refused.refusal().cause()).isEqualTo(Refusal.Cause.TIMEOUT);
          break;
        }
        assertThat(effects).singleElement().isInstanceOf(EdgeSessionEffect.Send.class);
        sent.add((nowNs - start) / 1_000_000);
        pass(edge.waitNs(nowNs));
      }

      assertThat(sent).containsExactly(0L, 200L, 600L, 1400L, 2400L, 3400L, 4400L);
      assertThat(nowNs - start).isEqualTo(5 * SECOND);
      assertThat(edge.size()).isZero();
    }

    @Test
    void theAnswerOpensThem() throws Malformed {
      var id = open(0);
      effects();
      edge.onDatagram(wire(new DatagramV3.Response(id, Code.OK, "")), nowNs);
      edge.onDatagram(wire(new DatagramV3.Response(id, Code.OK, "")), nowNs);
      edge.onDatagram(wire(new DatagramV3.Response(id, Code.UNABLE_TO_BIND, "")), nowNs);

      assertThat(effects()).containsExactly(new EdgeSessionEffect.Opened(id));
      assertThat(edge.payload(id, octets("x"), nowNs))
          .isEqualTo(new DatagramV3.Payload(id, octets("x")));
      assertThat(edge.waitNs(nowNs)).isEqualTo(210 * SECOND);
    }

    @Test
    void aPayloadIsAnAnswerToo() throws Malformed {
      var id = open(0);
      effects();

      assertThat(edge.onDatagram(wire(new DatagramV3.Payload(id, octets("x"))), nowNs))
          .isEqualTo(new Received(id, octets("x")));
      assertThat(effects()).containsExactly(new EdgeSessionEffect.Opened(id));
    }

    @Test
    void everyCodeHasItsCause() throws Malformed {
      refused(Code.DESTINATION_UNREACHABLE, "", Refusal.Cause.UNREACHABLE);
      refused(Code.UNABLE_TO_BIND, "", Refusal.Cause.UNREACHABLE);
      refused(Code.TOO_MANY_FLOWS, "", Refusal.Cause.TOO_MANY_FLOWS);
      refused(Code.OTHER, "in words", Refusal.Cause.FAILED);
    }

    private void refused(Code code, String text, Refusal.Cause cause) throws Malformed {
      var id = open(0);
      effects();
      edge.onDatagram(wire(new DatagramV3.Response(id, code, text)), nowNs);

      assertThat(effects())
          .containsExactly(
              new EdgeSessionEffect.Refused(
                  id, new Refusal(cause, text.isEmpty() ? code.toString() : text)));
      assertThat(edge.size()).isZero();
    }

    @Test
    void endByBeingIdleWithoutAWord() throws Malformed {
      var id = open(2 * SECOND);
      edge.onDatagram(wire(new DatagramV3.Response(id, Code.OK, "")), nowNs);
      effects();
      pass(2 * SECOND);

      assertThat(effects()).containsExactly(new EdgeSessionEffect.Closed(id, "idle"));
      assertThat(edge.onDatagram(wire(new DatagramV3.Payload(id, octets("x"))), nowNs)).isNull();
    }

    @Test
    void areForgottenWhenClosed() {
      var id = open(0);
      effects();
      edge.close(id, "done");

      assertThat(effects()).isEmpty();
      assertThat(edge.size()).isZero();
    }
  }

  // ---- the world around

  private UUID open(long idleNs) {
    return edge.open(HOST, 53, idleNs, nowNs + 5 * SECOND, nowNs);
  }

  private void pass(long ns) {
    nowNs += ns;
    edge.onTime(nowNs);
  }

  private List<EdgeSessionEffect> effects() {
    var effects = new ArrayList<EdgeSessionEffect>();
    for (var effect = edge.poll(); effect != null; effect = edge.poll()) {
      effects.add(effect);
    }
    return effects;
  }

  private static ByteBuffer wire(Datagram datagram) {
    var out = ByteBuffer.allocate(datagram.octets());
    datagram.write(out);
    return out.flip();
  }

  private static ByteBuffer octets(String text) {
    return Octets.ofUtf8(text).buffer();
  }
}

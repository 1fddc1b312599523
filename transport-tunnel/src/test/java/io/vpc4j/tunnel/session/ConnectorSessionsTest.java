package io.vpc4j.tunnel.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.octets.Octets;
import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.rpc.RpcReply;
import io.vpc4j.tunnel.session.ConnectorSessions.DialFailure;
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

class ConnectorSessionsTest {

  private static final UUID ID = new UUID(1, 2);
  private static final IpAddress HOST = IpAddress.require("10.0.1.50");
  private static final long SECOND = 1_000_000_000L;
  private static final SessionLimits LIMITS =
      new SessionLimits(1, 210 * SECOND, SECOND / 5, SECOND, 30 * SECOND);

  private long nowNs = Long.MAX_VALUE - 7;
  private ConnectorSessions connector = new ConnectorSessions(DatagramVersion.V2, LIMITS);

  @Nested
  class OfVersionTwo {

    @Test
    void areAnsweredWhenTheSocketIsThere() throws Malformed {
      connector.onRegister(call(ID, 0), nowNs);
      assertThat(effects()).containsExactly(new ConnectorSessionEffect.Dial(ID, HOST, 53));
      assertThat(connector.onDatagram(udp("early"), nowNs)).isNull();
      connector.onDialed(ID, nowNs);

      assertThat(effects()).containsExactly(reply(ID, ""));
      assertThat(connector.onDatagram(udp("x"), nowNs)).isEqualTo(new Received(ID, octets("x")));
      assertThat(connector.payload(ID, octets("y"), nowNs))
          .isEqualTo(new DatagramV2.Udp(ID, octets("y")));
    }

    @Test
    void areAnsweredWithWhatWentWrong() {
      connector.onRegister(call(ID, 0), nowNs);
      connector.onDialFailed(ID, DialFailure.FAILED, "no route to host");
      connector.onRegister(call(ID, 0), nowNs);
      connector.onDialFailed(ID, DialFailure.TOO_MANY_FLOWS, "");

      assertThat(effects())
          .containsExactly(
              new ConnectorSessionEffect.Dial(ID, HOST, 53),
              reply(ID, "no route to host"),
              new ConnectorSessionEffect.Dial(ID, HOST, 53),
              reply(ID, ConnectorSessions.TOO_MANY_FLOWS));
    }

    @Test
    void haveTheirBoundAndOneIdEach() {
      connector.onRegister(call(ID, 0), nowNs);
      effects();
      connector.onRegister(call(ID, 0), nowNs);
      connector.onRegister(call(new UUID(3, 4), 0), nowNs);

      assertThat(effects())
          .containsExactly(
              reply(ID, "the session is registered already"),
              reply(new UUID(3, 4), ConnectorSessions.TOO_MANY_FLOWS));
    }

    @Test
    void thatAreIdleEndAndTheEdgeIsTold() {
      open(2 * SECOND);
      assertThat(connector.waitNs(nowNs)).isEqualTo(2 * SECOND);
      pass(SECOND);
      connector.payload(ID, octets("x"), nowNs);
      pass(2 * SECOND - 1);
      assertThat(effects()).isEmpty();
      pass(1);

      assertThat(effects())
          .containsExactly(
              new ConnectorSessionEffect.Close(ID, "session idle for 2s"),
              new ConnectorSessionEffect.Unregister(
                  new RpcCall.UnregisterUdpSession(ID, "session idle for 2s")));
    }

    @Test
    void withoutAnIdleTimeHaveThatOfTheRealConnector() {
      open(0);
      pass(210 * SECOND);

      assertThat(effects())
          .first()
          .isEqualTo(new ConnectorSessionEffect.Close(ID, "session idle for 3m30s"));
    }

    @Test
    void anIdleTimeWithoutEndHasOne() {
      open(Long.MAX_VALUE);

      assertThat(connector.waitNs(nowNs)).isEqualTo(86_400 * SECOND);
    }

    @Test
    void endByTheEdgesCall() {
      open(0);
      connector.onUnregister(new RpcCall.UnregisterUdpSession(ID, "done"));
      connector.onUnregister(new RpcCall.UnregisterUdpSession(ID, "done"));

      assertThat(effects()).containsExactly(new ConnectorSessionEffect.Close(ID, "done"));
      assertThat(connector.payload(ID, octets("x"), nowNs)).isNull();
    }

    @Test
    void endedWhileTheyAreDialledAreAnsweredAndTheirSocketIsClosed() {
      connector.onRegister(call(ID, 0), nowNs);
      effects();
      connector.onUnregister(new RpcCall.UnregisterUdpSession(ID, "done"));
      connector.onDialed(ID, nowNs);

      assertThat(effects())
          .containsExactly(
              reply(ID, "unregistered: done"),
              new ConnectorSessionEffect.Close(ID, "done"),
              new ConnectorSessionEffect.Close(ID, "nobody wants it any more"));
    }

    @Test
    void endWithTheirSocket() {
      open(0);
      connector.onSocketClosed(ID, "refused");

      assertThat(effects())
          .containsExactly(
              new ConnectorSessionEffect.Close(ID, "refused"),
              new ConnectorSessionEffect.Unregister(
                  new RpcCall.UnregisterUdpSession(ID, "refused")));
    }

    @Test
    void endWithTheirConnection() {
      open(0);
      connector.onConnectionLost();

      assertThat(effects())
          .containsExactly(new ConnectorSessionEffect.Close(ID, "the connection is lost"));
      assertThat(connector.size()).isZero();
    }

    @Test
    void aPayloadTooLargeIsLost() {
      open(0);

      assertThat(connector.payload(ID, ByteBuffer.allocate(1281), nowNs)).isNull();
      assertThat(connector.payload(ID, ByteBuffer.allocate(1280), nowNs)).isNotNull();
    }

    private void open(long idleNs) {
      connector.onRegister(call(ID, idleNs), nowNs);
      connector.onDialed(ID, nowNs);
      effects();
    }
  }

  @Nested
  class OfVersionThree {

    OfVersionThree() {
      connector = new ConnectorSessions(DatagramVersion.V3, LIMITS);
    }

    @Test
    void areAnsweredEachTimeTheyAreRegistered() throws Malformed {
      register(ID, 2);
      register(ID, 2);
      assertThat(effects()).containsExactly(new ConnectorSessionEffect.Dial(ID, HOST, 53));
      connector.onDialed(ID, nowNs);
      pass(SECOND);
      register(ID, 2);
      assertThat(effects()).containsExactly(response(ID, Code.OK), response(ID, Code.OK));
      assertThat(connector.waitNs(nowNs)).isEqualTo(2 * SECOND);
    }

    @Test
    void areAnsweredWithWhatWentWrong() throws Malformed {
      register(ID, 0);
      register(new UUID(3, 4), 0);
      connector.onDialFailed(ID, DialFailure.FAILED, "no route to host");

      assertThat(effects())
          .containsExactly(
              new ConnectorSessionEffect.Dial(ID, HOST, 53),
              response(new UUID(3, 4), Code.TOO_MANY_FLOWS),
              response(ID, Code.UNABLE_TO_BIND));
    }

    @Test
    void endWithoutAWord() throws Malformed {
      register(ID, 2);
      connector.onDialed(ID, nowNs);
      effects();
      pass(2 * SECOND);

      assertThat(effects())
          .containsExactly(new ConnectorSessionEffect.Close(ID, "session idle for 2s"));
    }

    @Test
    void areNotRegisteredByCalls() {
      connector.onRegister(call(ID, 0), nowNs);

      assertThat(effects()).containsExactly(reply(ID, ConnectorSessions.WRONG_VERSION));
    }

    private void register(UUID id, int idleSeconds) throws Malformed {
      assertThat(
              connector.onDatagram(
                  wire(new DatagramV3.Registration(id, HOST, 53, idleSeconds)), nowNs))
          .isNull();
    }
  }

  // ---- the world around

  private static RpcCall.RegisterUdpSession call(UUID id, long idleNs) {
    return new RpcCall.RegisterUdpSession(id, HOST, 53, idleNs, "");
  }

  private static ConnectorSessionEffect reply(UUID id, String error) {
    return new ConnectorSessionEffect.Reply(
        id, new RpcReply.UdpSessionRegistered(error, Octets.EMPTY));
  }

  private static ConnectorSessionEffect response(UUID id, Code code) {
    return new ConnectorSessionEffect.Send(new DatagramV3.Response(id, code, ""));
  }

  private void pass(long ns) {
    nowNs += ns;
    connector.onTime(nowNs);
  }

  private List<ConnectorSessionEffect> effects() {
    var effects = new ArrayList<ConnectorSessionEffect>();
    for (var effect = connector.poll(); effect != null; effect = connector.poll()) {
      effects.add(effect);
    }
    return effects;
  }

  private static ByteBuffer udp(String text) {
    return wire(new DatagramV2.Udp(ID, octets(text)));
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

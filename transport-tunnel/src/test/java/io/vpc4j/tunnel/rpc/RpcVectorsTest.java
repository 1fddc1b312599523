package io.vpc4j.tunnel.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.tunnel.Vectors;
import io.vpc4j.tunnel.octets.Octets;
import io.vpc4j.tunnel.rpc.message.Fault;
import io.vpc4j.tunnel.stream.Preamble;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Conversations recorded between real peers: our machines understand them, and say the same. */
class RpcVectorsTest {

  private final RpcServer edge = new RpcServer(RpcServer.EDGE_CONTROL, RpcLimits.DEFAULT);
  private final RpcClient client = new RpcClient(RpcLimits.DEFAULT);

  // ---- the edge on a control stream

  @Test
  void aBootstrapIsAnsweredWithTheObject() {
    edge.onOctets(Vectors.buffer("bootstrap"));

    assertThat(Scripts.spoken(edge)).isEqualTo(Vectors.hex("bootstrap-return"));
  }

  @Test
  void aPipelinedRegistrationIsUnderstoodAndAccepted() {
    edge.onOctets(Vectors.buffer("bootstrap"));
    edge.onOctets(Vectors.buffer("register-connection"));
    Scripts.spoken(edge);
    var called = Scripts.called(edge);

    assertThat(called.call()).isEqualTo(Scripts.REGISTER);
    assertThat(edge.reply(called.token(), new RpcReply.Registered(Scripts.DETAILS))).isTrue();
    assertThat(Scripts.spoken(edge)).isEqualTo(Vectors.hex("registered"));
  }

  @Test
  void aRegistrationOfQuestionZeroByTheExportIsRefused() {
    edge.onOctets(Vectors.buffer("bootstrap"));
    edge.onOctets(Vectors.buffer("finish").limit(40));
    Scripts.spoken(edge);
    var late = new RpcClient(RpcLimits.DEFAULT);
    late.call(new RpcCall.UnregisterConnection());
    late.onOctets(Vectors.buffer("bootstrap-return"));
    late.onOctets(Vectors.buffer("done"));
    Scripts.spoken(late);
    late.call(Scripts.REGISTER);
    edge.onOctets(ByteBuffer.wrap(Octets.ofHex(Scripts.spoken(late)).toArray()));
    var called = Scripts.called(edge);
    edge.reply(
        called.token(),
        new RpcReply.RegistrationRefused(
            new ConnectionError(
                "nope", TimeUnit.SECONDS.toNanos(3), ConnectionError.Retry.MAY_HELP)));

    assertThat(Scripts.spoken(edge)).isEqualTo(Vectors.hex("registration-refused"));
  }

  @Test
  void unregisteringIsAnsweredWithNothing() {
    edge.onOctets(Vectors.buffer("bootstrap"));
    edge.onOctets(Vectors.buffer("unregister-connection"));
    Scripts.spoken(edge);
    var called = Scripts.called(edge);

    assertThat(called.call()).isEqualTo(new RpcCall.UnregisterConnection());
    edge.reply(called.token(), new RpcReply.Done());
    assertThat(Scripts.spoken(edge)).isEqualTo(Vectors.hex("done"));
  }

  @Test
  void theFarewellEndsTheStream() {
    edge.onOctets(Vectors.buffer("bootstrap"));
    edge.onOctets(Vectors.buffer("farewell"));

    assertThat(Scripts.events(edge))
        .containsExactly(
            new ServerEvent.Ended(new RpcEnd(RpcEnd.Cause.PEER_ABORTED, "rpc: shutdown")));
  }

  // ---- a connector on its control stream

  @Test
  void aConnectorsWholeLifeOnAControlStream() {
    var register = client.call(Scripts.REGISTER);
    assertThat(Scripts.spoken(client))
        .isEqualTo(Vectors.hex("bootstrap") + Vectors.hex("register-connection"));

    client.onOctets(Vectors.buffer("bootstrap-return"));
    client.onOctets(Vectors.buffer("registered"));
    assertThat(Scripts.spoken(client)).isEqualTo(Vectors.hex("finish"));
    assertThat(Scripts.events(client))
        .containsExactly(
            new ClientEvent.Replied(register, new RpcReply.Registered(Scripts.DETAILS)));

    client.call(new RpcCall.UpdateLocalConfiguration(Octets.ofUtf8("{}"))); // takes question 0
    Scripts.spoken(client);
    var unregister = client.call(new RpcCall.UnregisterConnection());
    assertThat(Scripts.spoken(client)).isEqualTo(Vectors.hex("unregister-connection"));

    client.onOctets(Vectors.buffer("done"));
    assertThat(Scripts.events(client))
        .containsExactly(new ClientEvent.Replied(unregister, new RpcReply.Done()));
    Scripts.spoken(client);
    client.close();
    assertThat(Scripts.spoken(client)).isEqualTo(Vectors.hex("farewell"));
  }

  @Test
  void aRefusalIsUnderstood() {
    client.call(new RpcCall.UnregisterConnection());
    client.onOctets(Vectors.buffer("bootstrap-return"));
    client.onOctets(Vectors.buffer("done"));
    var register = client.call(Scripts.REGISTER); // question 0
    client.onOctets(Vectors.buffer("registration-refused"));

    assertThat(Scripts.events(client))
        .contains(
            new ClientEvent.Replied(
                register,
                new RpcReply.RegistrationRefused(
                    new ConnectionError("nope", 3_000_000_000L, ConnectionError.Retry.MAY_HELP))));
  }

  // ---- streams of RPC

  private static final RpcCall CONFIGURATION =
      new RpcCall.UpdateConfiguration(
          1,
          Octets.ofUtf8(
              "{\"ingress\":[{\"service\":\"http://127.0.0.1:18080\"}],"
                  + "\"warp-routing\":{\"enabled\":true}}"));

  private static final UUID SESSION = UUID.fromString("b470cd4c-b3e4-4f32-a64a-0328a4f33de3");

  @Test
  void aPushedConfigurationIsTheRecordedOne() {
    var push = client.call(CONFIGURATION);

    assertThat(Vectors.hex(Preamble.rpc()) + Scripts.spoken(client))
        .isEqualTo(Vectors.hex("rpc-update-configuration"));

    client.onOctets(Vectors.buffer("bootstrap-return"));
    client.onOctets(Vectors.buffer("configuration-updated"));
    assertThat(Scripts.events(client))
        .containsExactly(new ClientEvent.Replied(push, new RpcReply.ConfigurationUpdated(1, "")));
  }

  @Test
  void aConnectorTakesThePushedConfiguration() {
    var connector = new RpcServer(RpcServer.CONNECTOR_STREAM, RpcLimits.DEFAULT);
    connector.onOctets(Vectors.buffer("rpc-update-configuration").position(6));
    Scripts.spoken(connector);
    var called = Scripts.called(connector);

    assertThat(called.call()).isEqualTo(CONFIGURATION);
    connector.reply(called.token(), new RpcReply.ConfigurationUpdated(1, ""));
    assertThat(Scripts.spoken(connector)).isEqualTo(Vectors.hex("configuration-updated"));
  }

  @Test
  void aUdpSessionIsRegisteredAsRecorded() {
    var call =
        new RpcCall.RegisterUdpSession(
            SESSION, IpAddress.require("127.0.0.1"), 19_100, 2_000_000_000L, "");
    client.call(call);
    assertThat(Scripts.spoken(client))
        .isEqualTo(Vectors.hex("bootstrap") + Vectors.hex("register-udp-session"));

    var connector = new RpcServer(RpcServer.CONNECTOR_STREAM, RpcLimits.DEFAULT);
    connector.onOctets(Vectors.buffer("bootstrap"));
    connector.onOctets(Vectors.buffer("register-udp-session"));
    assertThat(Scripts.called(connector).call()).isEqualTo(call);
  }

  @Test
  void aUdpSessionIsUnregisteredAsRecorded() {
    var call = new RpcCall.UnregisterUdpSession(SESSION, "session idle for 2s");
    client.call(call);
    assertThat(Scripts.spoken(client))
        .isEqualTo(Vectors.hex("bootstrap") + Vectors.hex("unregister-udp-session"));

    var server = new RpcServer(RpcServer.EDGE_STREAM, RpcLimits.DEFAULT);
    server.onOctets(Vectors.buffer("bootstrap"));
    server.onOctets(Vectors.buffer("unregister-udp-session"));
    assertThat(Scripts.called(server).call()).isEqualTo(call);
  }

  @Test
  void whatIsNotServedIsUnimplemented() {
    edge.onOctets(Vectors.buffer("bootstrap"));
    edge.onOctets(Vectors.buffer("register-udp-session"));
    client.call(Scripts.REGISTER);
    client.onOctets(ByteBuffer.wrap(Octets.ofHex(Scripts.spoken(edge)).toArray()));

    assertThat(Scripts.events(client))
        .singleElement()
        .isInstanceOfSatisfying(
            ClientEvent.Failed.class,
            failed -> assertThat(failed.fault().kind()).isEqualTo(Fault.Kind.UNIMPLEMENTED));
  }
}

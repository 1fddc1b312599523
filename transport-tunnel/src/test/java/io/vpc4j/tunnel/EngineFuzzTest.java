package io.vpc4j.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.testkit.Seeds;
import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.rpc.RpcClient;
import io.vpc4j.tunnel.rpc.RpcLimits;
import io.vpc4j.tunnel.rpc.RpcServer;
import io.vpc4j.tunnel.rpc.ServerEvent;
import io.vpc4j.tunnel.rpc.capnp.MessageBuilder;
import io.vpc4j.tunnel.rpc.capnp.MessageReader;
import io.vpc4j.tunnel.rpc.capnp.ReadLimits;
import io.vpc4j.tunnel.rpc.message.Fault;
import io.vpc4j.tunnel.rpc.message.Inbound;
import io.vpc4j.tunnel.stream.ConnectResponseDecoder;
import io.vpc4j.tunnel.stream.OpeningDecoder;
import io.vpc4j.tunnel.stream.SerializedHeaders;
import io.vpc4j.tunnel.stream.datagram.DatagramV2;
import io.vpc4j.tunnel.stream.datagram.DatagramV3;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Recorded octets, changed by chance: every engine answers with what it is for or with {@link
 * Malformed}, never otherwise, and never with much more than it was given.
 *
 * <p>The system property {@code vpc4j.fuzz.rounds} runs more rounds than the few of every build.
 */
class EngineFuzzTest {

  private static final int ROUNDS = Integer.getInteger("vpc4j.fuzz.rounds", 20_000);

  private static final List<byte[]> RPC =
      List.of(
          Vectors.octets("bootstrap"),
          Vectors.octets("bootstrap-return"),
          Vectors.octets("register-connection"),
          Vectors.octets("registered"),
          Vectors.octets("registration-refused"),
          Vectors.octets("finish"),
          Vectors.octets("unregister-connection"),
          Vectors.octets("done"),
          Vectors.octets("farewell"),
          Vectors.octets("configuration-updated"),
          Vectors.octets("register-udp-session"),
          Vectors.octets("unregister-udp-session"),
          Vectors.octets("message-resolve"),
          Vectors.octets("message-unimplemented"),
          Vectors.octets("message-failed"),
          Vectors.octets("message-canceled"),
          Vectors.octets("message-elsewhere"),
          Vectors.octets("message-call-of-field"),
          Vectors.octets("message-call-with-capability"),
          Vectors.octets("message-disembargo"),
          Vectors.octets("message-join"));

  private static final List<byte[]> STREAMS =
      List.of(
          Vectors.octets("request-tcp"),
          Vectors.octets("request-tcp-flow"),
          Vectors.octets("request-http"),
          Vectors.octets("response-ok"),
          Vectors.octets("response-error"),
          Vectors.octets("rpc-update-configuration"));

  private static final List<byte[]> DATAGRAMS =
      List.of(
          Vectors.octets("v2-udp"), Vectors.octets("v3-registered"), Vectors.octets("v3-payload"));

  @Test
  void aMessageIsReadOrRefusedAndItsCopyIsNoLargerThanTheLimit() {
    var refused = EnumSet.noneOf(Malformed.Reason.class);
    Seeds.forEach(
        0xF0_0001,
        ROUNDS,
        random -> {
          var octets = mutated(RPC, random);
          try {
            var root = MessageReader.of(ByteBuffer.wrap(octets), ReadLimits.RPC).root();
            var copy = new MessageBuilder();
            copy.root(0, 1).copy(0, root);
            assertThat(copy.framed().remaining()).isLessThan(16 * octets.length + 1024);
            Inbound.read(MessageReader.of(ByteBuffer.wrap(octets), ReadLimits.RPC));
          } catch (Malformed e) {
            refused.add(e.reason());
          }
        });

    assertThat(refused)
        .contains(
            Malformed.Reason.LENGTH,
            Malformed.Reason.SIZE,
            Malformed.Reason.TYPE,
            Malformed.Reason.BOUNDS,
            Malformed.Reason.TRAVERSAL);
  }

  @Test
  void aServerAnswersOrEndsWhateverItHears() {
    Seeds.forEach(
        0xF0_0002,
        ROUNDS,
        random -> {
          var served = random.nextBoolean() ? RpcServer.EDGE_CONTROL : RpcServer.CONNECTOR_STREAM;
          var server = new RpcServer(served, RpcLimits.DEFAULT);
          var heard = 0;
          var said = 0;
          for (var i = 1 + random.nextInt(6); i > 0; i--) {
            var octets =
                random.nextInt(3) == 0 ? mutated(RPC, random) : RPC.get(random.nextInt(RPC.size()));
            heard += octets.length;
            server.onOctets(ByteBuffer.wrap(octets));
            for (var event = server.pollEvent(); event != null; event = server.pollEvent()) {
              if (event instanceof ServerEvent.Called called) {
                server.fail(called.token(), new Fault(Fault.Kind.FAILED, "no"));
              }
            }
            for (var out = server.pollOctets(); out != null; out = server.pollOctets()) {
              said += out.remaining();
            }
          }
          assertThat(said).isLessThan(16 * heard + 4096);
        });
  }

  @Test
  void aClientHearsOrEndsWhateverItIsTold() {
    Seeds.forEach(
        0xF0_0003,
        ROUNDS,
        random -> {
          var client = new RpcClient(RpcLimits.DEFAULT);
          var calls = 1 + random.nextInt(4);
          for (var i = 0; i < calls; i++) {
            client.call(new RpcCall.UnregisterConnection());
          }
          var events = 0;
          for (var i = 1 + random.nextInt(6); i > 0; i--) {
            client.onOctets(
                ByteBuffer.wrap(
                    random.nextInt(3) == 0
                        ? mutated(RPC, random)
                        : RPC.get(random.nextInt(RPC.size()))));
            for (var event = client.pollEvent(); event != null; event = client.pollEvent()) {
              events++;
            }
          }
          client.close();
          for (var event = client.pollEvent(); event != null; event = client.pollEvent()) {
            events++;
          }
          assertThat(events).as("an event for each call, and the end").isEqualTo(calls + 1);
        });
  }

  @Test
  void theBeginningOfAStreamIsReadOrRefused() {
    Seeds.forEach(
        0xF0_0004,
        ROUNDS,
        random -> {
          var octets = mutated(STREAMS, random);
          try {
            new OpeningDecoder(ReadLimits.CONNECT).poll(ByteBuffer.wrap(octets));
            new ConnectResponseDecoder(ReadLimits.CONNECT).poll(ByteBuffer.wrap(octets));
          } catch (Malformed e) {
            assertThat(e.reason()).isNotEqualTo(Malformed.Reason.SEQUENCE);
          }
        });
  }

  @Test
  void aDatagramIsReadOrRefusedAndWhatIsReadIsWrittenAlike() {
    Seeds.forEach(
        0xF0_0005,
        ROUNDS,
        random -> {
          var octets = mutated(DATAGRAMS, random);
          try {
            var v2 = DatagramV2.read(ByteBuffer.wrap(octets));
            var out = ByteBuffer.allocate(v2.octets());
            v2.write(out);
            assertThat(out.array()).isEqualTo(octets);
          } catch (Malformed e) {
            assertThat(e.reason()).isIn(DATAGRAM_REASONS);
          }
          try {
            var v3 = DatagramV3.read(ByteBuffer.wrap(octets));
            var out = ByteBuffer.allocate(v3.octets());
            v3.write(out);
            assertThat(DatagramV3.read(out.flip())).isEqualTo(v3);
          } catch (Malformed e) {
            assertThat(e.reason()).isIn(DATAGRAM_REASONS);
          }
        });
  }

  private static final Set<Malformed.Reason> DATAGRAM_REASONS =
      Set.of(Malformed.Reason.LENGTH, Malformed.Reason.TYPE, Malformed.Reason.SIZE);

  @Test
  void headersAreReadOrRefusedAndWhatIsReadIsWrittenAlike() {
    var seed =
        "WC1PcmlnaW4:eWVz;U2V0LUNvb2tpZQ:YT0x;U2V0LUNvb2tpZQ:Yj0y"
            .getBytes(StandardCharsets.ISO_8859_1);
    Seeds.forEach(
        0xF0_0006,
        ROUNDS,
        random -> {
          var octets = Mutations.mutate(seed, seed, random);
          try {
            var fields = SerializedHeaders.read(new String(octets, StandardCharsets.ISO_8859_1));
            assertThat(SerializedHeaders.read(SerializedHeaders.write(fields))).isEqualTo(fields);
          } catch (Malformed e) {
            assertThat(e.reason()).isEqualTo(Malformed.Reason.VALUE);
          }
        });
  }

  @Test
  void aTokenIsReadOrRefused() {
    var token =
        TunnelToken.parse(
            "eyJhIjoiYWNjdCIsInMiOiJjMlZqY21WMGMyVmpjbVYwIiwidCI6IjExMTExMTExLTIyMjItMzMzMy00NDQ0"
                + "LTU1NTU1NTU1NTU1NSJ9");
    var json = token.credentials().toJson().reveal();
    Seeds.forEach(
        0xF0_0007,
        ROUNDS,
        random -> {
          try {
            var read = TunnelCredentials.parse(Mutations.mutate(json, json, random));
            assertThat(TunnelCredentials.parse(read.toJson().reveal())).isEqualTo(read);
          } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).doesNotContain("c2VjcmV0");
          }
        });
  }

  private static byte[] mutated(List<byte[]> seeds, Random random) {
    return Mutations.mutate(
        seeds.get(random.nextInt(seeds.size())), seeds.get(random.nextInt(seeds.size())), random);
  }
}

package io.vpc4j.mesh.wireguard;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.mesh.wireguard.cookie.CookieGiver;
import io.vpc4j.mesh.wireguard.crypto.AeadProvider;
import io.vpc4j.mesh.wireguard.crypto.Octets;
import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import io.vpc4j.mesh.wireguard.crypto.SecretBytes;
import io.vpc4j.mesh.wireguard.noise.Initiator;
import io.vpc4j.mesh.wireguard.noise.RemoteIdentity;
import io.vpc4j.mesh.wireguard.noise.Responder;
import io.vpc4j.mesh.wireguard.wire.HandshakeInitiation;
import io.vpc4j.mesh.wireguard.wire.HandshakeResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a real {@code wireguard-go} and this engine said to each other, without either. */
class RecordedHandshakeTest {

  /** A file of lines {@code name value}. */
  private record Recording(List<String> lines) {

    static Recording named(String file) {
      try (var in = RecordedHandshakeTest.class.getResourceAsStream(file)) {
        return new Recording(
            new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    List<String> all(String name) {
      return lines.stream()
          .filter(line -> line.startsWith(name + " "))
          .map(line -> line.substring(name.length() + 1))
          .toList();
    }

    byte[] datagram(String direction, int index) {
      return HexFormat.of().parseHex(all(direction).get(index));
    }

    PrivateKey key(String name) {
      return PrivateKey.ofBase64(all(name).get(0));
    }

    byte[] ephemeral() {
      return base64(all("key LOCAL_EPHEMERAL_PRIVATE_KEY =").get(0));
    }

    SecretBytes psk() {
      return SecretBytes.owning(base64(all("psk").get(0)));
    }

    private static byte[] base64(String text) {
      return Base64.getDecoder().decode(text);
    }
  }

  @Test
  void weCallAndThePeerAnswers() {
    var recording = Recording.named("we-call.txt");
    var ours = recording.key("ours");
    var theirs = recording.key("theirs");
    var initiation = recording.datagram("out", 0);
    var timestamp = timestampOf(theirs, ours, recording);

    var message = new byte[HandshakeInitiation.LENGTH];
    var initiator =
        Initiator.begin(
            ours,
            RemoteIdentity.of(ours, theirs.publicKey(), recording.psk()),
            Octets.getInt(initiation, HandshakeInitiation.SENDER),
            timestamp,
            octets -> System.arraycopy(recording.ephemeral(), 0, octets, 0, octets.length),
            message);
    assertThat(Arrays.copyOf(message, HandshakeInitiation.MAC1))
        .as("the same call, octet for octet")
        .isEqualTo(Arrays.copyOf(initiation, HandshakeInitiation.MAC1));

    var response = recording.datagram("in", 0);
    var keys = initiator.finish(response, 0);
    assertThat(keys).isNotNull();
    var data = recording.datagram("in", 1);
    var opening = AeadProvider.java().create(keys.responderToInitiator().borrow());
    assertThat(opening.open(0, data, 16, data.length - 16)).isTrue();
    var packet = ByteBuffer.wrap(data, 16, InnerPacket.length(data, 16, data.length - 32));
    assertThat(IpPackets.echoReplySequence(packet)).isZero();

    response[HandshakeResponse.EMPTY] ^= 1;
    assertThat(initiator.finish(response, 0)).isNull();
    initiator.wipe();
    assertThat(initiator.isWiped()).isTrue();
  }

  @Test
  void thePeerCallsAndWeAnswer() {
    var recording = Recording.named("the-peer-calls.txt");
    var ours = recording.key("ours");
    var theirs = recording.key("theirs");
    var initiation = recording.datagram("in", 0);
    var giver = new CookieGiver(ours.publicKey(), octets -> {}, 1);
    assertThat(giver.mac1Holds(initiation, 0, HandshakeInitiation.MAC1)).isTrue();

    var responder = Responder.read(ours, initiation, 0);
    assertThat(responder).isNotNull();
    assertThat(responder.peerKey()).isEqualTo(theirs.publicKey());
    var peer = RemoteIdentity.of(ours, theirs.publicKey(), recording.psk());
    var timestamp = responder.timestamp(peer);
    assertThat(Octets.getLong(timestamp, 0) & 0xff).as("TAI64 begins with 0x40").isEqualTo(0x40);

    var recorded = recording.datagram("out", 0);
    var response = new byte[HandshakeResponse.LENGTH];
    var keys =
        responder.respond(
            peer,
            Octets.getInt(recorded, HandshakeResponse.SENDER),
            octets -> System.arraycopy(recording.ephemeral(), 0, octets, 0, octets.length),
            response);
    assertThat(keys).isNotNull();
    assertThat(Arrays.copyOf(response, HandshakeResponse.MAC1))
        .isEqualTo(Arrays.copyOf(recorded, HandshakeResponse.MAC1));
  }

  /** With the peer's own key, as it read it. */
  private static byte[] timestampOf(PrivateKey reader, PrivateKey caller, Recording recording) {
    var responder = Responder.read(reader, recording.datagram("out", 0), 0);
    assertThat(responder).isNotNull();
    return responder.timestamp(RemoteIdentity.of(reader, caller.publicKey(), recording.psk()));
  }

  /** The four lines per handshake that Wireshark wants, whose ephemeral key is the message's. */
  @Test
  void aKeyLogTellsHowToReadACapture() {
    var random = new java.util.Random(6);
    var ours = PrivateKey.generate(random::nextBytes);
    var theirs = PrivateKey.generate(random::nextBytes);
    var lines = new java.util.ArrayList<String>();
    var engine = WireGuard.builder(ours, random::nextBytes, () -> 0).keyLog(lines::add).build();
    var peer = engine.addPeer(PeerConfig.of(theirs.publicKey(), Story.place("192.0.2.2", 9)), 0);
    engine.wake(peer, 0);
    var call = ByteBuffer.allocate(2048);
    engine.pollTransmit(call, 0);

    assertThat(lines)
        .hasSize(4)
        .contains(
            "LOCAL_STATIC_PRIVATE_KEY = " + ours.toSecretBase64(),
            "REMOTE_STATIC_PUBLIC_KEY = " + theirs.publicKey(),
            "PRESHARED_KEY = " + "A".repeat(43) + "=");
    var ephemeral = PrivateKey.ofBase64(lines.get(2).substring(lines.get(2).indexOf('=') + 2));
    var sent = new byte[32];
    call.position(HandshakeInitiation.EPHEMERAL).get(sent);
    assertThat(ephemeral.publicKey().octets()).isEqualTo(sent);
    engine.close();
  }
}

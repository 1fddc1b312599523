package io.vpc4j.tunnel.carrier.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.carrier.EdgeListener;
import io.vpc4j.tunnel.edge.PrivateAuthority;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A connector offers P-256 and a group for after quantum computers, and a key share for the latter
 * alone: an edge that does not know that group has to ask for a share of P-256. RFC 8446 4.1.4
 *
 * <p>The group here is one that nobody knows (GREASE, RFC 8701), so that the test holds for every
 * TLS library.
 */
class HelloRetryTest {

  private static final int HANDSHAKE = 22;
  private static final int CHANGE_CIPHER_SPEC = 20;
  private static final int UNKNOWN_GROUP = 0x0a0a;
  private static final int P_256 = 0x0017;

  private static final int SUPPORTED_GROUPS = 10;
  private static final int SIGNATURE_ALGORITHMS = 13;
  private static final int SUPPORTED_VERSIONS = 43;
  private static final int KEY_SHARE = 51;

  private static final SecureRandom RANDOM = new SecureRandom();

  @TempDir private Path folder;

  @Test
  void aShareOfAGroupThatIsNotKnownIsAnsweredWithAWishForP256() throws Exception {
    var loops = EventLoops.open(EventLoops.best(), 1);
    var listener = listen(loops);
    try (var socket = new Socket()) {
      socket.connect(listener.localAddress(), 30_000);
      socket.setSoTimeout(30_000);
      var in = new DataInputStream(socket.getInputStream());
      var random = octets(32); // the same in both. RFC 8446 4.1.2

      send(socket, clientHello(random, UNKNOWN_GROUP, new byte[] {0}));
      var wish = new ServerHello(nextHandshake(in));

      assertThat(wish.random)
          .isEqualTo(sha256("HelloRetryRequest")); // which is how it is told. RFC 8446 4.1.3
      assertThat(wish.group).isEqualTo(P_256);

      send(socket, clientHello(random, P_256, p256Share()));
      var hello = new ServerHello(nextHandshake(in));

      assertThat(hello.random).isNotEqualTo(wish.random);
      assertThat(hello.group).isEqualTo(P_256);
    } finally {
      listener.close().await(30, TimeUnit.SECONDS);
      loops.close();
    }
  }

  private EdgeListener listen(EventLoops loops) throws Exception {
    var identity = new PrivateAuthority(folder, RANDOM).identity(InstantSource.system().instant());
    var bound =
        Http2EdgeListener.bind(
            new CarrierContext(loops, PooledByteBufAllocator.DEFAULT, Ticker.system()),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            identity,
            carrier -> {
              throw new AssertionError("no handshake is finished here");
            });
    assertThat(bound.await(30, TimeUnit.SECONDS)).isTrue();
    return bound.getNow();
  }

  // ---- what the client says

  /** RFC 8446 4.1.2 */
  private static byte[] clientHello(byte[] random, int shareGroup, byte[] share) {
    var extensions =
        join(
            extension(SUPPORTED_VERSIONS, HexFormat.of().parseHex("020304")),
            extension(SUPPORTED_GROUPS, sized(join(u16(UNKNOWN_GROUP), u16(P_256)))),
            extension(SIGNATURE_ALGORITHMS, HexFormat.of().parseHex("000404030804")),
            extension(KEY_SHARE, sized(join(u16(shareGroup), sized(share)))));
    var hello =
        join(
            u16(0x0303),
            random,
            new byte[] {0}, // no session
            HexFormat.of().parseHex("00021301"), // TLS_AES_128_GCM_SHA256
            HexFormat.of().parseHex("0100"), // no compression
            sized(extensions));
    return join(new byte[] {1, 0}, sized(hello)); // client_hello, and the length in 24 bits
  }

  private static byte[] p256Share() throws Exception {
    var keys = KeyPairGenerator.getInstance("EC");
    keys.initialize(new ECGenParameterSpec("secp256r1"));
    var point = ((ECPublicKey) keys.generateKeyPair().getPublic()).getW();
    return join(new byte[] {4}, coordinate(point.getAffineX()), coordinate(point.getAffineY()));
  }

  private static byte[] coordinate(BigInteger value) {
    var octets = value.toByteArray();
    var padded = new byte[32];
    var count = Math.min(32, octets.length);
    System.arraycopy(octets, octets.length - count, padded, 32 - count, count);
    return padded;
  }

  private static void send(Socket socket, byte[] handshake) throws IOException {
    socket.getOutputStream().write(join(new byte[] {HANDSHAKE}, u16(0x0303), sized(handshake)));
  }

  // ---- what the server says

  /** The first handshake message of the next record that holds one. */
  private static ByteBuffer nextHandshake(DataInputStream in) throws IOException {
    while (true) {
      var type = in.readUnsignedByte();
      in.readUnsignedShort();
      var record = in.readNBytes(in.readUnsignedShort());
      if (type != CHANGE_CIPHER_SPEC) {
        assertThat(type).isEqualTo(HANDSHAKE);
        return ByteBuffer.wrap(record);
      }
    }
  }

  /** RFC 8446 4.1.3, as far as it is asked for here. */
  private static final class ServerHello {
    final byte[] random = new byte[32];
    final int group;

    ServerHello(ByteBuffer message) {
      assertThat(message.getInt() >>> 24).as("the type of message").isEqualTo(2);
      message.getShort();
      message.get(random);
      message.position(message.position() + 1 + message.get(message.position())); // session
      message.getShort(); // cipher suite
      message.get(); // compression
      var end = message.getShort() + message.position();
      var found = -1;
      while (message.position() < end) {
        var type = message.getShort();
        var next = message.getShort() + message.position();
        if (type == KEY_SHARE) {
          found = message.getShort();
        }
        message.position(next);
      }
      group = found;
    }
  }

  // ---- octets

  private static byte[] extension(int type, byte[] body) {
    return join(u16(type), sized(body));
  }

  private static byte[] sized(byte[] octets) {
    return join(u16(octets.length), octets);
  }

  private static byte[] u16(int value) {
    return new byte[] {(byte) (value >> 8), (byte) value};
  }

  private static byte[] octets(int count) {
    var octets = new byte[count];
    RANDOM.nextBytes(octets);
    return octets;
  }

  private static byte[] sha256(String text) throws Exception {
    return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] join(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    Arrays.asList(parts).forEach(all::writeBytes);
    return all.toByteArray();
  }
}

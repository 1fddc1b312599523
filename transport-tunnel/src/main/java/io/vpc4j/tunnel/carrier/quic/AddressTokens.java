package io.vpc4j.tunnel.carrier.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.quic.QuicTokenHandler;
import io.vpc4j.core.net.Ticker;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes whoever dials show that its address is its own, with a Retry packet, while that is wanted.
 * RFC 9000 8.1.2
 *
 * <pre>
 *  octet
 *     0  when it was made     8    nanoseconds of our ticker
 *     8  seal                32    HMAC-SHA-256 over the rest and the address, under a key of ours
 *    40  destination id    0-20    of the packet it answers
 * </pre>
 *
 * <p>Called on the listener's loop.
 */
final class AddressTokens implements QuicTokenHandler {

  private static final String MAC = "HmacSHA256";
  private static final int TIME_OCTETS = 8;
  private static final int SEAL_OCTETS = 32;
  private static final int HEADER_OCTETS = TIME_OCTETS + SEAL_OCTETS;
  private static final int MAX_ID_OCTETS = 20; // RFC 9000 17.2

  /** The reply to a Retry comes at once. */
  private static final long LIFETIME_NS = TimeUnit.SECONDS.toNanos(10);

  private final SecretKeySpec key;
  private final Ticker ticker;
  private final BooleanSupplier wanted;

  AddressTokens(Ticker ticker, BooleanSupplier wanted) {
    var octets = new byte[SEAL_OCTETS];
    new SecureRandom().nextBytes(octets);
    this.key = new SecretKeySpec(octets, MAC);
    this.ticker = ticker;
    this.wanted = wanted;
  }

  @Override
  public boolean writeToken(ByteBuf out, ByteBuf destinationId, InetSocketAddress address) {
    if (!wanted.getAsBoolean()) {
      return false;
    }
    var timeNs = ticker.nowNs();
    var id = ByteBufUtil.getBytes(destinationId);
    out.writeLong(timeNs).writeBytes(seal(timeNs, id, address)).writeBytes(id);
    return true;
  }

  @Override
  public int validateToken(ByteBuf token, InetSocketAddress address) {
    var octets = token.readableBytes();
    if (octets < HEADER_OCTETS || octets > HEADER_OCTETS + MAX_ID_OCTETS) {
      return -1;
    }
    var start = token.readerIndex();
    var timeNs = token.getLong(start);
    var seal = ByteBufUtil.getBytes(token, start + TIME_OCTETS, SEAL_OCTETS);
    var id = ByteBufUtil.getBytes(token, start + HEADER_OCTETS, octets - HEADER_OCTETS);
    var ageNs = ticker.nowNs() - timeNs;
    var valid =
        MessageDigest.isEqual(seal, seal(timeNs, id, address))
            && ageNs >= 0
            && ageNs <= LIFETIME_NS;
    return valid ? HEADER_OCTETS : -1;
  }

  @Override
  public int maxTokenLength() {
    return HEADER_OCTETS + MAX_ID_OCTETS;
  }

  private byte[] seal(long timeNs, byte[] id, InetSocketAddress address) {
    try {
      var mac = Mac.getInstance(MAC);
      mac.init(key);
      mac.update(
          ByteBuffer.allocate(TIME_OCTETS + 4).putLong(timeNs).putInt(address.getPort()).flip());
      mac.update(address.getAddress().getAddress());
      return mac.doFinal(id);
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java platform has " + MAC, e);
    }
  }
}

package io.vpc4j.mesh.wireguard;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.mesh.wireguard.crypto.Aead;
import io.vpc4j.mesh.wireguard.crypto.AeadProvider;
import io.vpc4j.mesh.wireguard.crypto.JceAeads;
import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.Provider;
import java.security.Security;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.conscrypt.Conscrypt;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Packets of 1,420 octets through the engine, for each thing that can seal them; nanoseconds per
 * packet, so 11,360 divided by the score is Gbit/s. With {@code -prof gc} for what is allocated.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class WireGuardBenchmark {

  private static final int PACKET = 1420;
  private static final long SEED = 20_261_126;

  /** What seals: ours, the JDK's key stream with our authenticator, or a provider's AEAD. */
  @Param({"java", "jdk", "SunJCE", "Conscrypt"})
  public String aead = "java";

  private WireGuard a;
  private WireGuard b;
  private Peer toB;
  private InetSocketAddress at;
  private final ByteBuffer buffer = ByteBuffer.allocate(2048);
  private Aead opening;
  private final byte[] sealed = new byte[PACKET + Aead.TAG_LENGTH];
  private final byte[] scratch = new byte[PACKET + Aead.TAG_LENGTH];
  private long counter;

  /** JMH makes it. */
  @SuppressWarnings("NullAway.Init")
  public WireGuardBenchmark() {}

  /** A session between two engines. */
  @Setup
  public void shakeHands() throws Exception {
    var random = new Random(SEED);
    var aeads = provider(aead);
    var aKey = PrivateKey.generate(random::nextBytes);
    var bKey = PrivateKey.generate(random::nextBytes);
    at = new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 51_820);
    a = WireGuard.builder(aKey, random::nextBytes, () -> 0).aeads(aeads).build();
    b = WireGuard.builder(bKey, random::nextBytes, () -> 0).aeads(aeads).build();
    toB = a.addPeer(PeerConfig.of(bKey.publicKey(), at, Cidr.require("10.0.0.2")), 0);
    b.addPeer(PeerConfig.of(aKey.publicKey(), at, Cidr.require("10.0.0.1")), 0);
    a.wake(toB, 0);
    a.pollTransmit(buffer, 0);
    b.onDatagram(buffer, at, 0);
    b.pollTransmit(buffer, 0);
    a.onDatagram(buffer, at, 0);
    a.pollTransmit(buffer, 0);
    b.onDatagram(buffer, at, 0);
    var key = new byte[32];
    opening = aeads.create(key);
    aeads.create(key).seal(7, sealed, 0, PACKET);
  }

  private static AeadProvider provider(String name) {
    if (name.equals("java")) {
      return AeadProvider.java();
    }
    if (name.equals("jdk")) {
      return AeadProvider.jdk();
    }
    Provider provider =
        name.equals("Conscrypt") ? Conscrypt.newProvider() : Security.getProvider(name);
    return new JceAeads(provider);
  }

  /** A packet becomes a datagram. */
  @Benchmark
  public Sent seal() {
    packet();
    return a.send(toB, buffer, 0);
  }

  /** A packet becomes a datagram, and the other engine makes a packet of it again. */
  @Benchmark
  public Peer sealAndOpen() {
    packet();
    a.send(toB, buffer, 0);
    var from = b.onDatagram(buffer, at, 0);
    if (from == null) {
      throw new IllegalStateException("dropped: " + b.lastDrop());
    }
    return from;
  }

  /** The AEAD alone, opening; a copy of 1,436 octets is in the figure. */
  @Benchmark
  public boolean openAlone() {
    System.arraycopy(sealed, 0, scratch, 0, sealed.length);
    return opening.open(7, scratch, 0, scratch.length);
  }

  /** The AEAD alone, sealing. */
  @Benchmark
  public byte[] sealAlone() {
    opening.seal(++counter, scratch, 0, PACKET);
    return scratch;
  }

  private void packet() {
    var octets = buffer.array();
    octets[16] = 0x45;
    octets[18] = (byte) (PACKET >>> 8);
    octets[19] = (byte) PACKET;
    octets[28] = 10;
    octets[29] = 0;
    octets[30] = 0;
    octets[31] = 1;
    buffer.clear().position(WireGuard.HEADROOM).limit(WireGuard.HEADROOM + PACKET);
  }
}

package io.vpc4j.mesh.wireguard;

import io.vpc4j.mesh.wireguard.crypto.Aead;
import io.vpc4j.mesh.wireguard.crypto.AeadProvider;
import io.vpc4j.mesh.wireguard.crypto.Entropy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Keeps what an engine makes of its entropy and of its session keys, to look whether it is
 * overwritten once it is of no use any more.
 */
final class Secrets {

  private static final int KEY_OCTETS = 32;

  private final Random random;
  private final AeadProvider aeads =
      AeadProvider.fastest(); // Conscrypt's, where a test has installed it
  private final Set<byte[]> scalars = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<byte[]> sessionKeys = new ArrayList<>();
  private final List<Kept> ciphers = new ArrayList<>();

  Secrets(Random random) {
    this.random = random;
  }

  /** Where arrays of 32 octets are ephemeral keys, and the secret of cookies. */
  Entropy entropy() {
    return octets -> {
      random.nextBytes(octets);
      if (octets.length == KEY_OCTETS) {
        scalars.add(octets);
      }
    };
  }

  AeadProvider aeads() {
    return new AeadProvider() {
      @Override
      public String name() {
        return aeads.name();
      }

      @Override
      public Aead create(byte[] key) {
        sessionKeys.add(key);
        var cipher = new Kept(aeads.create(key));
        ciphers.add(cipher);
        return cipher;
      }
    };
  }

  private static final class Kept implements Aead {
    private final Aead aead;
    private boolean wiped;

    Kept(Aead aead) {
      this.aead = aead;
    }

    @Override
    public void seal(long counter, byte[] octets, int offset, int length) {
      aead.seal(counter, octets, offset, length);
    }

    @Override
    public boolean open(long counter, byte[] octets, int offset, int length) {
      return aead.open(counter, octets, offset, length);
    }

    @Override
    public void wipe() {
      aead.wipe();
      wiped = true;
    }
  }

  /** Session keys in ciphers, two for each session. */
  long liveCiphers() {
    return ciphers.stream().filter(cipher -> !cipher.wiped).count();
  }

  /** Session keys outside of ciphers. */
  long liveSessionKeys() {
    return sessionKeys.stream().filter(Secrets::isLive).count();
  }

  /** Ephemeral keys, and the secret of cookies if there is one. */
  long liveScalars() {
    return scalars.stream().filter(Secrets::isLive).count();
  }

  private static boolean isLive(byte[] octets) {
    return !Arrays.equals(octets, new byte[octets.length]);
  }
}

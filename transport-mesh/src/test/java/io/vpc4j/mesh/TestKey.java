package io.vpc4j.mesh;

import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Secret;
import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** A key pair that a seed gives, for tests alone. */
record TestKey(Secret secret, String publicKey) {

  static TestKey of(long seed) {
    var octets = new byte[32];
    new Random(seed).nextBytes(octets);
    return new TestKey(Secret.of(octets), PrivateKey.of(octets).publicKey().toString());
  }

  /** A participant that is called at once and once a second, so that it knows where we are. */
  static NodeRecord called(String id, TestKey key, String endpoint, IpAddress... addresses) {
    return new NodeRecord(
        id,
        id,
        NodeRecord.Kind.NODE,
        List.of(addresses),
        Optional.of(
            new NodeRecord.Peer(
                key.publicKey(),
                Optional.of(endpoint),
                Optional.empty(),
                Optional.of(Duration.ofSeconds(1)))));
  }

  /** A participant of that key. */
  static NodeRecord node(
      String id, TestKey key, Optional<String> endpoint, IpAddress... addresses) {
    return new NodeRecord(
        id,
        id,
        NodeRecord.Kind.NODE,
        List.of(addresses),
        Optional.of(
            new NodeRecord.Peer(key.publicKey(), endpoint, Optional.empty(), Optional.empty())));
  }
}

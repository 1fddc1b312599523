package io.vpc4j.tunnel.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.tunnel.carrier.ServerIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateAuthorityTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  @TempDir private Path parent;

  private Path folder() {
    return parent.resolve("deep/state");
  }

  private ServerIdentity identity(Instant now) throws IOException {
    return new PrivateAuthority(folder(), new SecureRandom()).identity(now);
  }

  @Test
  void theLeafHasTheNamesThatConnectorsVerifyAndTheAuthoritysSignature() throws Exception {
    var identity = identity(NOW);

    var leaf = identity.chain().get(0);
    var authority = identity.chain().get(1);
    assertThat(
            leaf.getSubjectAlternativeNames().stream().map(name -> (Object) name.get(1)).toList())
        .containsExactlyInAnyOrder("quic.cftunnel.com", "h2.cftunnel.com", "probe.cftunnel.com");
    leaf.verify(authority.getPublicKey());
    authority.verify(authority.getPublicKey());
    assertThat(authority.getBasicConstraints()).as("of no other authorities").isZero();
    assertThat(leaf.getBasicConstraints()).as("no authority").isEqualTo(-1);
    assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(((ECPublicKey) leaf.getPublicKey()).getParams().getOrder().bitLength())
        .isEqualTo(256);
  }

  @Test
  void theKeyIsTheLeafs() throws Exception {
    var identity = identity(NOW);
    var signer = Signature.getInstance("SHA256withECDSA");
    signer.initSign(identity.key());
    signer.update(new byte[] {1, 2, 3});
    var signature = signer.sign();

    signer.initVerify(identity.chain().get(0));
    signer.update(new byte[] {1, 2, 3});
    assertThat(signer.verify(signature)).isTrue();
  }

  @Test
  void aConnectorWhoseClockIsBehindTrustsItAndItLastsAYear() throws Exception {
    var leaf = identity(NOW).chain().get(0);

    leaf.checkValidity(java.util.Date.from(NOW.minus(Duration.ofHours(23))));
    leaf.checkValidity(java.util.Date.from(NOW.plus(Duration.ofDays(364))));
    assertThat(PrivateAuthority.renewal(identity(NOW)))
        .isEqualTo(NOW.plus(Duration.ofDays(365 - 30)));
  }

  @Test
  void whatWasMadeIsFoundAgain() throws Exception {
    var first = identity(NOW);

    assertThat(identity(NOW.plus(Duration.ofDays(300))).chain()).isEqualTo(first.chain());
  }

  @Test
  void theLeafIsRenewedThirtyDaysBeforeItsEndAndTheAuthorityStays() throws Exception {
    var first = identity(NOW);
    var renewal = PrivateAuthority.renewal(first);

    assertThat(identity(renewal.minusSeconds(1)).chain()).isEqualTo(first.chain());
    var second = identity(renewal);

    assertThat(second.chain().get(0)).isNotEqualTo(first.chain().get(0));
    assertThat(second.chain().get(1)).isEqualTo(first.chain().get(1));
  }

  @Test
  void anAuthorityThatEndsIsMadeAnewWithItsLeaf() throws Exception {
    var first = identity(NOW);

    var second = identity(NOW.plus(Duration.ofDays(3_650 - 30)));

    assertThat(second.chain().get(1)).isNotEqualTo(first.chain().get(1));
    second.chain().get(0).verify(second.chain().get(1).getPublicKey());
  }

  @Test
  void noLeafOutlivesTheAuthority() throws Exception {
    identity(NOW);
    var late = identity(NOW.plus(Duration.ofDays(3_650 - 31)));

    assertThat(late.chain().get(0).getNotAfter())
        .isBeforeOrEqualTo(late.chain().get(1).getNotAfter());
  }

  @Test
  void keysAndTheFolderAreTheirOwnersAlone() throws Exception {
    identity(NOW);

    assertThat(permissions(folder())).isEqualTo("rwx------");
    assertThat(permissions(folder().resolve("edge-ca-key.pem"))).isEqualTo("rw-------");
    assertThat(permissions(folder().resolve("edge-key.pem"))).isEqualTo("rw-------");
    assertThat(permissions(folder().resolve("edge-ca.pem"))).isEqualTo("rw-r--r--");
    try (var files = Files.list(folder())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .as("nothing half written stays behind")
          .noneMatch(name -> name.endsWith(".new"));
    }
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void aLeafOfAnotherAuthorityIsReplaced() throws Exception {
    identity(NOW);
    var other = parent.resolve("other");
    new PrivateAuthority(other, new SecureRandom()).identity(NOW);
    for (var file : new String[] {"edge-cert.pem", "edge-key.pem"}) {
      Files.write(folder().resolve(file), Files.readAllBytes(other.resolve(file)));
    }

    var identity = identity(NOW);

    identity.chain().get(0).verify(identity.chain().get(1).getPublicKey());
  }

  @Test
  void anAuthorityThatCannotBeReadIsToldAndNotReplaced() throws Exception {
    identity(NOW);
    var key = folder().resolve("edge-ca-key.pem");
    Files.writeString(key, "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----\n");

    assertThatThrownBy(() -> identity(NOW))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder().toString());
    assertThat(Files.readString(key)).contains("!");
  }

  @Test
  void aFolderThatCannotBeMadeIsTold() throws Exception {
    Files.writeString(parent.resolve("deep"), "a file");

    assertThatThrownBy(() -> identity(NOW)).isInstanceOf(IOException.class);
  }

  @Test
  void manyThatStartAtOnceShareOneAuthority() throws Exception {
    var threads = Executors.newFixedThreadPool(4);
    try {
      Callable<ServerIdentity> make = () -> identity(NOW);
      var seen = new HashSet<java.security.cert.X509Certificate>();
      for (var made : threads.invokeAll(IntStream.range(0, 8).mapToObj(i -> make).toList())) {
        seen.addAll(made.get().chain());
      }
      assertThat(seen).as("one leaf, one authority").hasSize(2);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void whoWaitsForTheLockGetsWhatTheOtherMade() throws Exception {
    var child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                // On the module path the tests' own classes are patched in, and on neither path.
                String.join(
                    java.io.File.pathSeparator,
                    Path.of(System.getProperty("basedir", ""), "target", "test-classes").toString(),
                    System.getProperty("java.class.path"),
                    System.getProperty("jdk.module.path", "")),
                AuthorityMaker.class.getName(),
                folder().toString(),
                NOW.toString())
            .inheritIO()
            .start();

    var ours = identity(NOW);

    assertThat(child.waitFor()).isZero();
    assertThat(identity(NOW).chain()).isEqualTo(ours.chain());
  }
}

package io.vpc4j.tunnel.edge;

import io.vpc4j.core.net.Secret;
import io.vpc4j.tunnel.carrier.ServerIdentity;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The certificate authority of an edge that was given no certificate: made once, kept in the state
 * folder, trusted by connectors through {@code --cacert} ([T] 1.2).
 *
 * <p>ECDSA over P-256 throughout, which every release of the connector verifies. The authority
 * lives ten years; the leaf one, and it is renewed thirty days before its end.
 *
 * <p>The folder and the keys are readable by their owner alone. Two processes that start at once
 * share one authority, as do two edges of one process: a lock file is held while files are made.
 * Blocks on files; not for an event loop.
 */
public final class PrivateAuthority {

  /** The names connectors verify: one for each carrier, and that of their checks. [T] 1.2 */
  static final List<String> NAMES =
      List.of("quic.cftunnel.com", "h2.cftunnel.com", "probe.cftunnel.com");

  private static final Duration AUTHORITY_LIFE = Duration.ofDays(3_650);
  private static final Duration LEAF_LIFE = Duration.ofDays(365);
  private static final Duration RENEW_BEFORE = Duration.ofDays(30);

  /** How far a connector's clock may be behind ours. */
  private static final Duration CLOCK_SKEW = Duration.ofHours(24);

  private static final String AUTHORITY = "edge-ca.pem";
  private static final String AUTHORITY_KEY = "edge-ca-key.pem";
  private static final String LEAF = "edge-cert.pem";
  private static final String LEAF_KEY = "edge-key.pem";
  private static final String LOCK = "edge-ca.lock";

  /** A lock of a file is the whole process's: a second thread that asks for it is refused. */
  private static final ReentrantLock IN_THIS_PROCESS = new ReentrantLock();

  private final Path folder;
  private final SecureRandom random;

  /**
   * The authority in {@code folder}, whether it has been made or not.
   *
   * @param random for keys and serial numbers
   */
  public PrivateAuthority(Path folder, SecureRandom random) {
    this.folder = folder;
    this.random = random;
  }

  /** The authority's certificate: what connectors are given as {@code --cacert}. */
  public Path certificatePath() {
    return folder.resolve(AUTHORITY);
  }

  /**
   * The leaf to be shown, made or renewed if it has to be.
   *
   * @throws IOException if the folder cannot be used, or what is in it does not fit together
   */
  public ServerIdentity identity(Instant now) throws IOException {
    makeFolder();
    IN_THIS_PROCESS.lock();
    try (var lock =
            FileChannel.open(
                folder.resolve(LOCK),
                java.util.Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                ownersAlone(folder, "rw-------"));
        var held = lock.lock()) {
      assert held.isValid();
      return leaf(authority(now), now);
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IOException("the edge's certificate authority in " + folder + " cannot be used", e);
    } finally {
      IN_THIS_PROCESS.unlock();
    }
  }

  /** When {@link #identity} would make a new leaf: not before. */
  public static Instant renewal(ServerIdentity identity) {
    return identity.chain().get(0).getNotAfter().toInstant().minus(RENEW_BEFORE);
  }

  private record Authority(X509Certificate certificate, PrivateKey key) {}

  private Authority authority(Instant now)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    if (Files.exists(folder.resolve(AUTHORITY)) && Files.exists(folder.resolve(AUTHORITY_KEY))) {
      var known =
          new Authority(
              PemFiles.certificates(folder.resolve(AUTHORITY)).get(0),
              PemFiles.key(folder.resolve(AUTHORITY_KEY)));
      if (known.certificate().getNotAfter().toInstant().minus(RENEW_BEFORE).isAfter(now)) {
        return known;
      }
    }
    var keys = keys();
    var name = new X500Name("CN=vpc4j edge authority");
    var builder =
        certificate(name, name, keys, now, AUTHORITY_LIFE)
            .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
            .addExtension(
                Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    var made = new Authority(sign(builder, keys.getPrivate()), keys.getPrivate());
    write(AUTHORITY_KEY, PemFiles.text(made.key()), "rw-------");
    write(AUTHORITY, PemFiles.text(List.of(made.certificate())), "rw-r--r--");
    Files.deleteIfExists(folder.resolve(LEAF)); // signed by the one before
    return made;
  }

  private ServerIdentity leaf(Authority authority, Instant now)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    if (Files.exists(folder.resolve(LEAF)) && Files.exists(folder.resolve(LEAF_KEY))) {
      var known =
          new ServerIdentity(
              PemFiles.key(folder.resolve(LEAF_KEY)), PemFiles.certificates(folder.resolve(LEAF)));
      if (renewal(known).isAfter(now) && fits(known, authority)) {
        return known;
      }
    }
    var keys = keys();
    var names = NAMES.stream().map(name -> new GeneralName(GeneralName.dNSName, name));
    var issuer = new X500Name(authority.certificate().getSubjectX500Principal().getName());
    var life = Duration.between(now, authority.certificate().getNotAfter().toInstant());
    var builder =
        certificate(
                issuer,
                new X500Name("CN=vpc4j edge"),
                keys,
                now,
                life.compareTo(LEAF_LIFE) < 0 ? life : LEAF_LIFE)
            .addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(names.toArray(GeneralName[]::new)))
            .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
            .addExtension(
                Extension.extendedKeyUsage,
                false,
                new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
            .addExtension(
                Extension.authorityKeyIdentifier,
                false,
                new JcaX509ExtensionUtils()
                    .createAuthorityKeyIdentifier(authority.certificate().getPublicKey()));
    var made = sign(builder, authority.key());
    var chain = List.of(made, authority.certificate());
    write(LEAF_KEY, PemFiles.text(keys.getPrivate()), "rw-------");
    write(LEAF, PemFiles.text(chain), "rw-r--r--");
    return new ServerIdentity(keys.getPrivate(), chain);
  }

  /** Whether the leaf is this authority's and has the names; a lost or older file may differ. */
  private static boolean fits(ServerIdentity leaf, Authority authority) {
    var certificate = leaf.chain().get(0);
    try {
      certificate.verify(authority.certificate().getPublicKey());
      var names = new ArrayList<String>();
      var found = certificate.getSubjectAlternativeNames();
      if (found != null) {
        found.forEach(name -> names.add(String.valueOf(name.get(1))));
      }
      return names.containsAll(NAMES);
    } catch (GeneralSecurityException e) {
      return false; // another is made
    }
  }

  private JcaX509v3CertificateBuilder certificate(
      X500Name issuer, X500Name subject, KeyPair keys, Instant now, Duration life)
      throws IOException, GeneralSecurityException {
    var from = now.minus(CLOCK_SKEW).truncatedTo(ChronoUnit.SECONDS);
    var builder =
        new JcaX509v3CertificateBuilder(
            issuer,
            new BigInteger(127, random).add(BigInteger.ONE), // RFC 5280 4.1.2.2: positive
            Date.from(from),
            Date.from(now.plus(life).truncatedTo(ChronoUnit.SECONDS)),
            subject,
            keys.getPublic());
    builder.addExtension(
        Extension.subjectKeyIdentifier,
        false,
        new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
    return builder;
  }

  private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key)
      throws GeneralSecurityException, OperatorCreationException {
    return new JcaX509CertificateConverter()
        .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
  }

  private KeyPair keys() throws GeneralSecurityException {
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"), random);
    return generator.generateKeyPair();
  }

  // ---- files

  private void makeFolder() throws IOException {
    if (!Files.isDirectory(folder)) {
      var parent = folder.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.createDirectories(folder, ownersAlone(folder, "rwx------"));
    }
  }

  private void write(String name, Secret text, String permissions) throws IOException {
    var octets = text.reveal();
    var made = folder.resolve(name + ".new");
    Files.deleteIfExists(made);
    Files.createFile(made, ownersAlone(folder, permissions));
    Files.write(made, octets);
    java.util.Arrays.fill(octets, (byte) 0);
    Files.move(
        made,
        folder.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private void write(String name, String text, String permissions) throws IOException {
    write(name, Secret.of(text.getBytes(StandardCharsets.US_ASCII)), permissions);
  }

  private static FileAttribute<?>[] ownersAlone(Path folder, String permissions) {
    return folder.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0]; // Windows: the folder's own list holds
  }
}

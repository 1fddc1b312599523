package io.vpc4j.core.config.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.ConfigurationException;
import io.vpc4j.core.config.directory.FileDirectory.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Secrets are found where they are kept, and never said. */
class DirectorySecretsTest {

  private static final String PRIVATE_KEY = "mesh.private_key: ";

  @TempDir private Path folder;

  @Test
  void aFileIsRelativeToTheDirectoryAndMayEndItsLine() {
    var result = mesh("file:keys/mesh.key", "keys/mesh.key", DirectoryFile.KEY + "\r\n").read();

    assertThat(result.problems()).isEmpty();
    assertThat(result.files())
        .containsExactlyInAnyOrder(
            folder.resolve("directory.jsonc"), folder.resolve("keys/mesh.key"));
    assertThat(result.snapshot().orElseThrow().mesh().privateKey().orElseThrow().reveal())
        .isEqualTo(Base64.getDecoder().decode(DirectoryFile.KEY));
  }

  @Test
  void aSecretThatOthersCanReadIsDoubtful() throws IOException {
    var file = mesh("file:mesh.key", "mesh.key", DirectoryFile.KEY);
    var key = folder.resolve("mesh.key");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));

    assertThat(file.read().snapshot()).isPresent();
    assertThat(file.complaints())
        .containsExactly(
            "warning 1: "
                + PRIVATE_KEY
                + key
                + " can be read by others than its owner; chmod 600 it");
  }

  @Test
  void aSecretInTheFileItselfIsDoubtful() {
    var file = mesh(DirectoryFile.KEY);

    assertThat(file.read().snapshot()).isPresent();
    assertThat(file.complaints())
        .containsExactly(
            "warning 1: "
                + PRIVATE_KEY
                + "a secret stands in the file itself; \"env:NAME\" and \"file:path\" keep it out");
  }

  @Test
  void whatIsMissingIsNamed() {
    assertThat(mesh("env:MESH_KEY").complaints())
        .containsExactly("1: " + PRIVATE_KEY + "the environment variable MESH_KEY is not set");
    assertThat(mesh("file:mesh.key").complaints())
        .containsExactly("1: " + PRIVATE_KEY + "there is no file " + folder.resolve("mesh.key"));
    assertThat(DirectoryFile.complaints(mesh("env:MESH_KEY").read(Map.of("MESH_KEY", " \n"))))
        .containsExactly("1: " + PRIVATE_KEY + "is empty");
  }

  @Test
  void aFolderIsNoSecret() throws IOException {
    Files.createDirectory(folder.resolve("keys"));

    assertThat(mesh("file:keys").complaints())
        .containsExactly("1: " + PRIVATE_KEY + "not a file: " + folder.resolve("keys"));
  }

  @Test
  void aFileBeyondTheBoundIsRefused() {
    var file = mesh("file:big", "big", "A".repeat(References.MAX_FILE_OCTETS + 1));

    assertThat(file.complaints())
        .containsExactly(
            "1: " + PRIVATE_KEY + folder.resolve("big") + " is larger than 1048576 octets");
  }

  /** Every way there is to get a secret into a complaint: none of them shows it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'mesh': {'private_key': '@'}}",
        "{'mesh': {'private_key': ['@']}}",
        "{'mesh': {'private_key': {'@': 1}}}",
        "{'mesh': {'private_key': 'env:@=='}}",
        "{'mesh': {'private_key': 'env:S'}}",
        "{'mesh': {'private_key': 'file:secret'}}",
        "{'mesh': {'private_key': '@'",
        "{'mesh': {'private_key': '@ \\q'}}",
        "{'mesh': {'private_key': @}}",
        "{'mesh': {'private_key': '@\n'}}",
        "{'mesh': {'nodes': [{'node_id': 'a', 'name': 'a', 'public_key': '@'}]}}",
        "{'mesh': {'nodes': [{'node_id': '@!', 'name': 'a'}]}}",
        "{'tunnels': [{'tunnel_id': '@', 'name': 'a', 'tunnel_secret': '@'}]}",
        "{'edge': {'certificate': '@', 'private_key': '@'}}",
        "{'edge': {'certificate': 'file:cert.pem', 'private_key': 'env:S'}}",
        "{'edge': {'certificate': 'file:cert.pem', 'private_key': 'env:PEM'}}"
      })
  void noComplaintHoldsASecret(String text) {
    var secret = "S3cr3tS3cr3tS3cr3t";
    var file =
        DirectoryFile.jsonc(folder)
            .beside("secret", secret)
            .beside("cert.pem", DirectoryFile.certificate().getCertificatePathPEM())
            .write(text.replace('\'', '"').replace("@", secret));
    var environment =
        Environment.of(
            Map.of(
                "S",
                secret,
                "PEM",
                "-----BEGIN PRIVATE KEY-----\n" + secret + "\n-----END PRIVATE KEY-----"));

    assertThatThrownBy(
            () -> FileDirectory.open(file.path(), Options.defaults().withEnvironment(environment)))
        .isInstanceOf(ConfigurationException.class)
        .extracting(DirectorySecretsTest::allThatItSays)
        .asString()
        .doesNotContain(secret);
  }

  @Test
  void aSnapshotDoesNotPrintItsSecrets() {
    var bundle = DirectoryFile.certificate();
    var text =
        """
        {"tunnels": [{"tunnel_id": "%1$s", "name": "a", "tunnel_secret": "%2$s"}],
         "mesh": {"private_key": "%2$s", "nodes": [{"node_id": "n", "name": "n",
           "public_key": "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=", "preshared_key": "%2$s"}]},
         "edge": {"certificate": "file:c.pem", "private_key": "file:k.pem"}}
        """
            .formatted(DirectoryFile.TUNNEL, DirectoryFile.KEY);
    var snapshot =
        DirectoryFile.jsonc(folder)
            .beside("c.pem", bundle.getCertificatePathPEM())
            .beside("k.pem", bundle.getPrivateKeyPEM())
            .write(text)
            .snapshot();

    assertThat(snapshot.toString())
        .doesNotContain(DirectoryFile.KEY)
        .doesNotContain("PRIVATE KEY")
        .contains("Secret[***]");
  }

  @Test
  void aKeyMustBelongToItsCertificate() {
    var file =
        edge(
            DirectoryFile.certificate().getCertificatePathPEM(),
            DirectoryFile.certificate().getPrivateKeyPEM());

    assertThat(file.complaints())
        .containsExactly("1: edge.private_key: does not belong to the certificate");
  }

  @Test
  void aKeyOfAnotherFormatIsToldHowToBecomeOne() {
    var certificate = DirectoryFile.certificate().getCertificatePathPEM();

    assertThat(edge(certificate, "-----BEGIN EC PRIVATE KEY-----\nAAAA").complaints())
        .containsExactly(
            "1: edge.private_key: must be PKCS #8; \"openssl pkcs8 -topk8 -nodes -in KEY\" makes"
                + " it");
    assertThat(edge(certificate, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA").complaints())
        .containsExactly("1: edge.private_key: must be a key that is not encrypted");
  }

  @Test
  void aKeyAmongCertificatesIsRefused() {
    var bundle = DirectoryFile.certificate();
    var both = bundle.getCertificatePathPEM() + bundle.getPrivateKeyPEM();

    assertThat(edge(both, bundle.getPrivateKeyPEM()).complaints())
        .containsExactly(
            "1: edge.certificate: holds a private key where certificates alone belong");
  }

  @Test
  void anAuthorityHasNoUseWhereNothingIsVerified() {
    var text =
        """
        {"bindings": {"A": {"tls_settings":
          {"cert_verification_mode": "disabled", "certificate_authority": "file:ca.pem"}}}}
        """;
    var file =
        DirectoryFile.jsonc(folder)
            .beside("ca.pem", DirectoryFile.certificate().getCertificatePathPEM())
            .write(text);

    assertThat(file.complaints())
        .containsExactly(
            "2: bindings.A.tls_settings.certificate_authority: a certificate authority has no use"
                + " where \"cert_verification_mode\" is \"disabled\"; choose \"verify_full\" or"
                + " \"verify_ca\"");
  }

  private DirectoryFile mesh(String key) {
    return DirectoryFile.jsonc(folder).write("{\"mesh\": {\"private_key\": \"" + key + "\"}}");
  }

  private DirectoryFile mesh(String key, String name, String content) {
    folder.resolve(name).getParent().toFile().mkdirs();
    return mesh(key).beside(name, content);
  }

  private DirectoryFile edge(String certificate, String key) {
    return DirectoryFile.jsonc(folder)
        .beside("c.pem", certificate)
        .beside("k.pem", key)
        .write("{\"edge\": {\"certificate\": \"file:c.pem\", \"private_key\": \"file:k.pem\"}}");
  }

  private static String allThatItSays(Throwable thrown) {
    var said = new StringBuilder();
    for (var at = thrown; at != null; at = at.getCause()) {
      said.append(at).append('\n');
    }
    return said.append(((ConfigurationException) thrown).problems()).toString();
  }
}

package io.vpc4j.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vpc4j.core.net.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TunnelCredentialsTest {

  private static final UUID TUNNEL = UUID.fromString("11111111-2222-3333-4444-555555555555");
  private static final String FILE =
      "{\"AccountTag\":\"acct0123456789abcdef\","
          + "\"TunnelSecret\":\"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTI=\","
          + "\"TunnelID\":\"11111111-2222-3333-4444-555555555555\"}";
  private static final TunnelCredentials CREDENTIALS =
      new TunnelCredentials(
          "acct0123456789abcdef", TUNNEL, Secret.of("secretsecretsecretsecretsecret12"));

  @TempDir private Path folder;

  @Test
  void areTheFileOfTheRealConnector() {
    assertThat(TunnelCredentials.parse(utf8(FILE))).isEqualTo(CREDENTIALS);
    assertThat(CREDENTIALS.toJson().revealText()).isEqualTo(FILE);
  }

  @Test
  void namesMatchInAnyCaseAndOtherNamesArePassedOver() {
    var json =
        FILE.replace("AccountTag", "accounttag")
            .replace("TunnelSecret", "TUNNELSECRET")
            .replace("TunnelID", "tunnelId")
            .replace("{", "{\"TunnelName\":\"x\",\"Other\":[1,{\"a\":null}],\"Endpoint\":null,");

    assertThat(TunnelCredentials.parse(utf8(json))).isEqualTo(CREDENTIALS);
  }

  @Test
  void aTunnelGivenOtherwiseStandsForTheOneInTheFileOrForNone() {
    var other = UUID.fromString("99999999-2222-3333-4444-555555555555");
    var nameless = FILE.replaceFirst(",\"TunnelID\":\"[^\"]*\"", "");

    assertThat(TunnelCredentials.parse(utf8(FILE), other).tunnelId()).isEqualTo(other);
    assertThat(TunnelCredentials.parse(utf8(nameless), TUNNEL)).isEqualTo(CREDENTIALS);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TunnelCredentials.parse(utf8(nameless)))
        .withMessageContaining("TunnelID");
  }

  @ParameterizedTest
  @ValueSource(strings = {"AccountTag", "TunnelSecret"})
  void aMissingMemberIsNamed(String member) {
    var json = FILE.replaceFirst("\"" + member + "\":\"[^\"]*\",", "");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> TunnelCredentials.parse(utf8(json)))
        .withMessageContaining(member);
  }

  @Test
  void aFileIsItsOwnersAloneAndReadsBack() throws IOException {
    var file = folder.resolve("credentials.json");
    Files.writeString(file, "what was there before");
    CREDENTIALS.write(file);

    assertThat(TunnelCredentials.read(file)).isEqualTo(CREDENTIALS);
    assertThat(TunnelCredentials.read(file, TUNNEL)).isEqualTo(CREDENTIALS);
    try (var files = Files.list(folder)) {
      assertThat(files).as("no draft is left").containsExactly(file);
    }
    assumeTrue(
        file.getFileSystem().supportedFileAttributeViews().contains("posix"),
        "this file system has no owner-only rights to look at");
    assertThat(Files.getPosixFilePermissions(file))
        .containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
  }

  @Test
  void aFileThatIsNoneIsNamedAndNotQuoted() throws IOException {
    var file = folder.resolve("credentials.json");
    Files.writeString(file, FILE.replace("}", ""));

    assertThatIOException()
        .isThrownBy(() -> TunnelCredentials.read(file))
        .withMessageContaining("credentials.json: tunnel credentials cannot be read as JSON")
        .satisfies(e -> assertThat(e.toString() + e.getCause()).doesNotContain("c2VjcmV0"));
  }

  @Test
  void aFileTooLargeIsRefused() throws IOException {
    var file = folder.resolve("credentials.json");
    Files.writeString(file, " ".repeat((64 << 10) + 1));

    assertThatIOException()
        .isThrownBy(() -> TunnelCredentials.read(file))
        .withMessageContaining("too large");
  }

  @Test
  void theSecretIsNeverPrinted() {
    assertThat(CREDENTIALS.toString()).doesNotContain("secretsecret").contains(TUNNEL.toString());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

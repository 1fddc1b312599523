package io.vpc4j.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vpc4j.core.net.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TunnelTokenTest {

  private static final UUID TUNNEL = UUID.fromString("11111111-2222-3333-4444-555555555555");
  private static final String SECRET = "secretsecretsecretsecretsecret12";
  private static final String JSON =
      "{\"a\":\"acct0123456789abcdef\","
          + "\"s\":\"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTI=\","
          + "\"t\":\"11111111-2222-3333-4444-555555555555\"}";
  private static final TunnelToken TOKEN =
      TunnelToken.of("acct0123456789abcdef", TUNNEL, Secret.of(SECRET));

  @Test
  void isBase64OfTheShortJson() {
    assertThat(TOKEN.reveal().revealText()).isEqualTo(base64(JSON));
    assertThat(TunnelToken.parse(base64(JSON))).isEqualTo(TOKEN);
  }

  @Test
  void anEndpointIsCarried() {
    var credentials = new TunnelCredentials("acct", TUNNEL, Secret.of(SECRET), "fed");
    var token = new TunnelToken(credentials);

    assertThat(TunnelToken.parse(token.reveal().revealText())).isEqualTo(token);
    assertThat(new String(decoded(token), StandardCharsets.UTF_8)).contains("\"e\":\"fed\"");
  }

  @Test
  void theSecretIsNeverPrinted() {
    assertThat(TOKEN.toString()).contains("acct0123456789abcdef").doesNotContain("secretsecret");
  }

  @ParameterizedTest
  @ValueSource(strings = {" ", "\n", "=", "A"})
  void whatIsNotExactlyBase64IsRefusedWithoutQuotingIt(String extra) {
    var text = base64(JSON) + extra;

    assertThatIllegalArgumentException()
        .isThrownBy(() -> TunnelToken.parse(text))
        .withMessage("a tunnel token must be standard base64 with its padding")
        .withNoCause();
  }

  @Test
  void missingPaddingAndTheOtherAlphabetAreRefused() {
    var padded = base64("{\"a\":\"?>~\"}  ");
    var url = Base64.getUrlEncoder().encodeToString("{\"a\":\"???>>>~~~\"}".getBytes(UTF_8));

    assertThat(padded).endsWith("=");
    assertThat(url).containsAnyOf("-", "_");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TunnelToken.parse(padded.replace("=", "")))
        .withMessageContaining("padding");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TunnelToken.parse(url))
        .withMessageContaining("standard base64");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "{}",
        "{}{}",
        "{\"a\":1}",
        "{\"a\":\"x\"}",
        "{\"a\":\"x\",\"s\":\"AAAA\"}",
        "{\"a\":\"x\",\"s\":\"AAAA\",\"t\":\"1-1-1-1-1\"}",
        "{\"a\":\"x\",\"s\":\"AAAA\",\"t\":\"11111111-2222-3333-4444-55555555555g\"}",
        "{\"a\":\"x\",\"s\":\"AAA\",\"t\":\"11111111-2222-3333-4444-555555555555\"}"
      })
  void otherJsonIsRefused(String json) {
    assertThatIllegalArgumentException().isThrownBy(() -> TunnelToken.parse(base64(json)));
  }

  private static final java.nio.charset.Charset UTF_8 = StandardCharsets.UTF_8;

  private static String base64(String json) {
    return Base64.getEncoder().encodeToString(json.getBytes(UTF_8));
  }

  private static byte[] decoded(TunnelToken token) {
    return Base64.getDecoder().decode(token.reveal().reveal());
  }
}

package io.vpc4j.tunnel.connector.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.tunnel.connector.config.OriginOptions.Http;
import io.vpc4j.tunnel.connector.config.OriginOptions.Verification;
import io.vpc4j.tunnel.connector.config.Service.Security;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConnectorConfigTest {

  private static final String FILE =
      """
      tunnel: 11111111-2222-3333-4444-555555555555
      credentials-file: /etc/vpc4j/cred.json
      edge:
        - 127.0.0.1:7844
        - 127.0.0.1:7845
      retries: 7
      no-autoupdate: true
      originRequest:
        connectTimeout: 1m30s
        noTLSVerify: true
      warp-routing:
        enabled: true
        connectTimeout: 2s
        maxActiveFlows: 1000
        ipRules:
          - prefix: 169.254.0.0/16
            allow: false
          - prefix: 10.0.0.0/8
            ports: [80, 443]
            allow: true
      ingress:
        - hostname: app.example.com
          path: ^/api/
          service: https://10.0.0.7:8443
          originRequest:
            originServerName: app.internal
            http2Origin: true
            noTLSVerify: false
        - hostname: "*.example.com"
          service: unix:/run/app.sock
        - service: http_status:404
      """;

  @Test
  void oneServiceTakesOptionsOfItsOrigin() throws Exception {
    var config =
        ConnectorConfig.service(
            "https://localhost:8443", Map.of("http2Origin", "true", "httpHostHeader", "12"));

    var options = config.ingress().match("any.example", "/").options();
    assertThat(options.http()).isEqualTo(OriginOptions.Http.TWO);
    assertThat(options.httpHostHeader()).isEqualTo("12");
    assertThatThrownBy(
            () -> ConnectorConfig.service("https://localhost", Map.of("http2Origin", "2")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("http2Origin must be true or false");
  }

  @Test
  void aFileIsReadWithTheDefaultsOfItsDocumentUnderThoseOfItsRules() throws ConfigException {
    var file = ConnectorConfig.parseYaml("config.yml", FILE);
    var config = file.config();
    var first = config.ingress().rules().get(0);

    assertThat(first.service())
        .isEqualTo(new Service.Web("10.0.0.7", 8443, Security.TLS, "https://10.0.0.7:8443"));
    assertThat(first.options().connectTimeout()).isEqualTo(Duration.ofSeconds(90));
    assertThat(first.options().verification()).isEqualTo(Verification.REQUIRED);
    assertThat(first.options().http()).isEqualTo(Http.TWO);
    assertThat(config.ingress().rules().get(1).options().verification())
        .isEqualTo(Verification.NONE);
    assertThat(config.warpRouting().connectTimeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(config.warpRouting().maxActiveFlows()).isEqualTo(1000);
    assertThat(file.flags())
        .containsEntry("tunnel", List.of("11111111-2222-3333-4444-555555555555"))
        .containsEntry("edge", List.of("127.0.0.1:7844", "127.0.0.1:7845"))
        .containsEntry("retries", List.of("7"))
        .containsEntry("no-autoupdate", List.of("true"))
        .doesNotContainKey("ingress");
  }

  @Test
  void flowRulesDecideInOrderAndWithoutAMatchTheAnswerIsNo() throws ConfigException {
    var rules = ConnectorConfig.parseYaml("c", FILE).config().warpRouting().rules();

    assertThat(rules.allows(IpAddress.require("10.1.2.3"), 443)).isTrue();
    assertThat(rules.allows(IpAddress.require("10.1.2.3"), 22)).isFalse();
    assertThat(rules.allows(IpAddress.require("169.254.169.254"), 80)).isFalse();
    assertThat(rules.allows(IpAddress.require("192.168.0.1"), 80)).isFalse();
    assertThat(FlowRules.NONE.allows(IpAddress.require("169.254.169.254"), 80)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "app.example.com,       /api/x,        0",
    "APP.Example.com:8443,  /api/x?y=1,    0",
    "app.example.com,       /%61pi/,       0",
    "app.example.com,       /v1/api/,      1",
    "a.b.example.com,       /,             1",
    "example.com,           /,             2",
    "notexample.com,        /,             2",
    "'',                    /,             2",
    "[::1]:80,              /,             2",
  })
  void theFirstRuleThatMatchesIsTaken(String host, String path, int rule) throws ConfigException {
    var ingress = ConnectorConfig.parseYaml("c", FILE).config().ingress();

    assertThat(ingress.match(host, path)).isSameAs(ingress.rules().get(rule));
  }

  @Test
  void aNameInUnicodeMatchesItsPunycodeAndTheOtherWay() throws ConfigException {
    var ingress =
        json("{\"ingress\":[{\"hostname\":\"b\u00fccher.example\",\"service\":\"http_status:201\"},"
                + "{\"hostname\":\"*.xn--mnchen-3ya.example\",\"service\":\"http_status:202\"},"
                + "{\"service\":\"http_status:404\"}]}")
            .ingress();

    assertThat(ingress.match("xn--bcher-kva.example", "/").service())
        .hasToString("http_status:201");
    assertThat(ingress.match("B\u00dcCHER.example", "/").service()).hasToString("http_status:201");
    assertThat(ingress.match("a.m\u00fcnchen.example", "/").service())
        .hasToString("http_status:202");
  }

  @Test
  void anExpressionThatNeverEndsIsCutShort() throws ConfigException {
    var ingress =
        json("{\"ingress\":[{\"path\":\"^(a|aa)+\\\\1!$\",\"service\":\"http_status:200\"},"
                + "{\"service\":\"http_status:404\"}]}")
            .ingress();

    assertThatThrownBy(() -> ingress.match("x", "a".repeat(60)))
        .isInstanceOf(PathPattern.TooManySteps.class);
  }

  @Test
  void anEmptyConfigurationServes503AndThePrivateNetwork() throws ConfigException {
    assertThat(json("{}").ingress().match("x", "/").service()).hasToString("http_status:503");
    assertThat(ConnectorConfig.parseYaml("c", "").config()).isEqualTo(ConnectorConfig.EMPTY);
    assertThat(json("{\"warp-routing\":{\"enabled\":true},\"future\":{\"x\":[1]}}").warpRouting())
        .isEqualTo(WarpRouting.DEFAULTS);
  }

  @Test
  void durationsAreSecondsInJsonAndGosInYaml() throws ConfigException {
    assertThat(json("{\"originRequest\":{\"connectTimeout\":10}}").originRequest().connectTimeout())
        .isEqualTo(Duration.ofSeconds(10));
    assertThatThrownBy(() -> json("{\"originRequest\":{\"connectTimeout\":\"10s\"}}"))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "config:1:36: connectTimeout must be a whole number from 0 to 86400, not \"10s\"");
    assertThatThrownBy(
            () -> ConnectorConfig.parseYaml("c.yml", "originRequest:\n  tlsTimeout: 10\n"))
        .hasMessage("c.yml:2:15: tlsTimeout must be a duration such as 30s or 1m30s, not \"10\"");
  }

  @Test
  void whatIsWrittenAsJsonIsReadBackTheSame() throws ConfigException {
    var config = ConnectorConfig.parseYaml("c", FILE).config();
    var versioned = ConfigJson.versioned(3, config);
    var inner = versioned.substring("{\"version\":3,\"config\":".length(), versioned.length() - 1);

    assertThat(versioned).startsWith("{\"version\":3,\"config\":{\"ingress\":[");
    assertThat(ConfigJson.versioned(3, json(inner))).isEqualTo(versioned);
    assertThat(json(inner).ingress().rules().get(0).options())
        .isEqualTo(config.ingress().rules().get(0).options());
  }

  @Test
  void everyOptionOfAnOriginHasAPlace() throws ConfigException {
    var options =
        json("{\"originRequest\":{\"connectTimeout\":1,\"tlsTimeout\":2,\"tcpKeepAlive\":3,"
                + "\"noHappyEyeballs\":true,\"keepAliveConnections\":4,\"keepAliveTimeout\":5,"
                + "\"httpHostHeader\":\"h\",\"originServerName\":\"s\",\"matchSNItoHost\":true,"
                + "\"caPool\":\"/ca.pem\",\"noTLSVerify\":true,\"disableChunkedEncoding\":true,"
                + "\"http2Origin\":true}}")
            .originRequest();

    assertThat(options)
        .isEqualTo(
            new OriginOptions(
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                Duration.ofSeconds(3),
                OriginOptions.Addresses.IN_TURN,
                4,
                Duration.ofSeconds(5),
                "h",
                "s",
                OriginOptions.ServerName.REQUESTED,
                java.util.Optional.of(Path.of("/ca.pem")),
                Verification.NONE,
                OriginOptions.RequestBody.MEASURED,
                Http.TWO));
    assertThat(json(inner(ConfigJson.versioned(0, config(options)))).originRequest())
        .isEqualTo(options);
  }

  private static ConnectorConfig config(OriginOptions options) {
    return new ConnectorConfig(IngressRules.NONE, WarpRouting.DEFAULTS, options);
  }

  private static String inner(String versioned) {
    return versioned.substring("{\"version\":0,\"config\":".length(), versioned.length() - 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "ingress: 5 | c:1:10: ingress must be a list, not \"5\"",
        "ingress: [{service: http://x/y}] | has a path: requests keep their own",
        "ingress: [{service: http://x?y}] | may have a host and a port, and no more",
        "ingress: [{service: ftp://x}] | is no service: write SCHEME://HOST[:PORT]",
        "ingress: [{service: http_status:99}] | is no status",
        "ingress: [{service: 'unix:'}] | c:1:21: \"unix:\" names no socket",
        "ingress: [{}] | c:1:11: a rule needs a service",
        "ingress: [{service: bastion}] | not supported by this connector",
        "ingress: [{service: http://x:0}] | a port is 1 to 65535",
        "ingress: [{hostname: a, service: http://x}] | c:1:11: the last ingress rule must match",
        "ingress: [{service: http://x}, {service: http://y}] | ingress rule 1 matches every",
        "ingress: [{hostname: 'a:80', service: http://x}] | must have no port",
        "ingress: [{hostname: 'a.*', service: http://x}] | a star may only stand first",
        "ingress: [{path: '(', service: http://x}] | c:1:18: path \"(\" is no regular expression",
        "originRequest: {noTLSVerify: maybe} | c:1:30: noTLSVerify must be true or false",
        "originRequest: {access: {required: true}} | it would not check the tokens",
        "originRequest: {keepAliveConnections: -1} | must be a whole number from 0 to 10000",
        "warp-routing: {ipRules: [{prefix: 10.0.0.1/8, allow: true}]} | has host bits set",
        "a: {b: c} | \"a\" is no setting of a connector",
        "a: [ | c:1:5: not valid YAML",
        "a: 1, a: 2 | not valid YAML",
        "- 1 | c:1:1: the document must be a mapping, not a list",
      })
  void whatCannotBeUsedIsRefusedWithItsPlace(String text, String message) {
    assertThatThrownBy(() -> ConnectorConfig.parseYaml("c", text))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | it is empty",
        "{} {} | something follows",
        "{\"a\":1,\"a\":2} | not valid JSON: Duplicate",
        "{\"ingress\":[ | config:1:",
        "[] | the configuration must be a mapping, not a list",
        "null | must be a mapping, not nothing",
      })
  void badJsonIsRefused(String text, String message) {
    assertThatThrownBy(() -> json(text))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }

  @Test
  void documentsHaveBounds() {
    assertThatThrownBy(() -> json("[".repeat(1000))).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> ConnectorConfig.parseYaml("c", "a: " + "[".repeat(1000)))
        .isInstanceOf(ConfigException.class);
    var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (var i = 1; i < 10; i++) {
      bomb.append("a%d: &a%d [".formatted(i, i)).append("*a%d, ".formatted(i - 1).repeat(10));
      bomb.append("x]\n");
    }
    assertThatThrownBy(() -> ConnectorConfig.parseYaml("c", bomb.toString()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("exceeds the specified max");
  }

  private static ConnectorConfig json(String text) throws ConfigException {
    return ConnectorConfig.parseJson(text.getBytes(UTF_8));
  }
}

package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.vpc4j.VpcException;
import io.vpc4j.core.directory.TlsSettings;
import io.vpc4j.core.directory.TlsSettings.Mode;
import io.vpc4j.testkit.FreePort;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The JDK's kind of client over every transport, and what the oracle cannot be asked. */
@Timeout(120)
class HttpClientTest {

  private static final char[] PASSWORD = "secret".toCharArray();

  @TempDir Path folder;

  @AfterEach
  void forget() {
    PrivateWorld.tls = TlsSettings.DEFAULT;
  }

  @ParameterizedTest
  @EnumSource
  void itGetsPostsAndFollows(Over over) throws Exception {
    try (var server = new CaseServer();
        var world = over.open(folder, server.port())) {
      var binding = world.network();
      var base = "http://" + world.host() + ":" + server.port();
      var client = binding.httpClientBuilder().followRedirects(Redirect.NORMAL).build();

      var got = client.send(to(base + "/redirect/302").build(), BodyHandlers.ofString());
      assertThat(got.statusCode()).isEqualTo(200);
      assertThat(got.uri()).hasToString(base + "/echo?from=302");

      var octets = new byte[500_000];
      new Random(9).nextBytes(octets);
      var posted =
          client.send(
              to(base + "/echo").POST(BodyPublishers.ofByteArray(octets)).build(),
              BodyHandlers.ofString());
      assertThat(posted.body()).endsWith(octets.length + "#" + java.util.Arrays.hashCode(octets));

      var nobody = to("http://" + world.host() + ":" + FreePort.next() + "/").build();
      assertThatThrownBy(() -> client.send(nobody, BodyHandlers.ofString()))
          .isInstanceOf(ConnectException.class)
          .hasRootCauseInstanceOf(Exception.class)
          .satisfies(e -> assertThat(e.getCause().getCause()).isInstanceOf(VpcException.class));
    }
  }

  @ParameterizedTest
  @EnumSource
  void theBindingsTlsIsUsed(Over over) throws Exception {
    var authority =
        new CertificateBuilder()
            .subject("CN=ours")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    var server =
        https(
            new CertificateBuilder()
                .subject("CN=server")
                .addSanDnsName("db.internal")
                .addSanDnsName("db.mesh")
                .buildIssuedBy(authority));
    var port = server.getAddress().getPort();
    try {
      PrivateWorld.tls =
          new TlsSettings(
              Mode.VERIFY_FULL, Optional.of(authority.getCertificatePEM()), Optional.empty());
      try (var world = over.open(folder, port)) {
        var url = "https://" + world.host() + ":" + port + "/";
        var answer = world.network().httpClient().send(to(url).build(), BodyHandlers.ofString());
        assertThat(answer.body()).isEqualTo("secure");
      }
      PrivateWorld.tls = TlsSettings.DEFAULT;
      try (var world = over.open(folder, port)) {
        var url = "https://" + world.host() + ":" + port + "/";
        var client = world.network().httpClient();
        assertThatThrownBy(() -> client.send(to(url).build(), BodyHandlers.ofString()))
            .isInstanceOf(SSLHandshakeException.class);
      }
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @EnumSource(names = "LOOPBACK")
  void aPasswordDoesNotFollowARedirectToAnotherServer(Over over) throws Exception {
    try (var first = new CaseServer();
        var second = new CaseServer();
        var world = over.open(folder, first.port(), second.port())) {
      var base = "http://" + world.host() + ":" + first.port();
      var client = world.network().httpClientBuilder().followRedirects(Redirect.ALWAYS).build();

      var away =
          to(base + "/away/" + second.port())
              .header("Authorization", "Bearer secret")
              .header("X-One", "kept")
              .build();
      assertThat(client.send(away, BodyHandlers.ofString()).body())
          .contains("X-One")
          .doesNotContain("Authorization");
      var near = to(base + "/redirect/302").header("Authorization", "Bearer secret").build();
      assertThat(client.send(near, BodyHandlers.ofString()).body()).contains("Bearer secret");
    }
  }

  @ParameterizedTest
  @EnumSource(names = "LOOPBACK")
  void whatTheDirectoryDecidesIsNotTheBuilders(Over over) throws Exception {
    try (var world = over.open(folder)) {
      var builder = world.network().httpClientBuilder();
      assertThatThrownBy(() -> builder.sslContext(SSLContext.getDefault()))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("tls_settings");
      assertThatThrownBy(() -> builder.proxy(ProxySelector.getDefault()))
          .isInstanceOf(UnsupportedOperationException.class);
      assertThat(builder.proxy(java.net.http.HttpClient.Builder.NO_PROXY)).isSameAs(builder);
    }
  }

  private static HttpRequest.Builder to(String uri) {
    return HttpRequest.newBuilder(URI.create(uri));
  }

  private static HttpsServer https(X509Bundle shown) throws Exception {
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(shown.toKeyStore(PASSWORD), PASSWORD);
    var context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 6);
          exchange.getResponseBody().write("secure".getBytes(UTF_8));
          exchange.close();
        });
    server.start();
    return server;
  }
}

package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.vpc4j.VpcNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import okhttp3.OkHttpClient;
import okhttp3.RequestBody;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** OkHttp and Apache HttpClient 5 through a binding, against the JDK's own HTTP server. */
@Timeout(120)
class HttpClientsTest {

  @TempDir Path folder;
  private HttpServer server;
  private int port;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext(
        "/echo",
        exchange -> {
          var body = exchange.getRequestBody().readAllBytes();
          exchange
              .getResponseHeaders()
              .add("X-Host", exchange.getRequestHeaders().getFirst("Host"));
          exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.createContext(
        "/hello",
        exchange -> {
          var body = "hello from there".getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    port = server.getAddress().getPort();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    ((java.util.concurrent.ExecutorService) server.getExecutor()).shutdownNow();
  }

  private static byte[] octets() {
    var octets = new byte[700_000];
    new Random(4).nextBytes(octets);
    return octets;
  }

  // ---- OkHttp

  private static OkHttpClient okHttp(VpcNetwork binding) {
    var client =
        new OkHttpClient.Builder()
            .socketFactory(binding.socketFactory())
            .dns(host -> List.of(FarEndNames.unresolved(host)))
            .build();
    return client;
  }

  @ParameterizedTest
  @EnumSource
  void okHttp(Over over) throws Exception {
    try (var world = over.open(folder, port)) {
      var client = okHttp(world.network());
      var base = "http://" + world.host() + ":" + port;
      for (var i = 0; i < 3; i++) {
        var get = new okhttp3.Request.Builder().url(base + "/hello").build();
        try (var response = client.newCall(get).execute()) {
          assertThat(response.body().string()).isEqualTo("hello from there");
        }
      }
      var sent = octets();
      var post =
          new okhttp3.Request.Builder().url(base + "/echo").post(RequestBody.create(sent)).build();
      try (var response = client.newCall(post).execute()) {
        assertThat(response.body().bytes()).isEqualTo(sent);
        assertThat(response.header("X-Host")).isEqualTo(world.host() + ":" + port);
      }
      var nobody = new okhttp3.Request.Builder().url("http://nobody.internal/").build();
      assertThatThrownBy(() -> client.newCall(nobody).execute()).isInstanceOf(IOException.class);
      client.connectionPool().evictAll();
      client.dispatcher().executorService().shutdown();
    }
  }

  // ---- Apache HttpClient 5

  private static CloseableHttpClient apache(VpcNetwork binding) {
    var names =
        new SystemDefaultDnsResolver() {
          @Override
          public InetAddress[] resolve(String host) throws UnknownHostException {
            return new InetAddress[] {FarEndNames.unresolved(host)};
          }
        };
    var connections =
        new PoolingHttpClientConnectionManagerBuilder() {
          @Override
          protected HttpClientConnectionOperator createConnectionOperator(
              SchemePortResolver ports, DnsResolver names, TlsSocketStrategy tls) {
            return new DefaultHttpClientConnectionOperator(
                proxy -> binding.socketFactory().createSocket(),
                ports,
                names,
                scheme -> scheme.equals("https") ? tls : null);
          }
        };
    return HttpClients.custom()
        .setConnectionManager(connections.setDnsResolver(names).build())
        .build();
  }

  @ParameterizedTest
  @EnumSource
  void apacheHttpClient(Over over) throws Exception {
    try (var world = over.open(folder, port);
        var client = apache(world.network())) {
      var base = "http://" + world.host() + ":" + port;
      for (var i = 0; i < 3; i++) {
        var text =
            client.execute(new HttpGet(base + "/hello"), r -> EntityUtils.toString(r.getEntity()));
        assertThat(text).isEqualTo("hello from there");
      }
      var sent = octets();
      var post = new HttpPost(base + "/echo");
      post.setEntity(new ByteArrayEntity(sent, ContentType.APPLICATION_OCTET_STREAM));
      byte[] echoed = client.execute(post, r -> EntityUtils.toByteArray(r.getEntity()));
      assertThat(echoed).isEqualTo(sent);
      var nobody = new HttpGet("http://nobody.internal/");
      assertThatThrownBy(() -> client.execute(nobody, r -> r.getCode()))
          .isInstanceOf(IOException.class);
    }
  }
}

package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import feign.Body;
import feign.Feign;
import feign.FeignException;
import feign.Headers;
import feign.Param;
import feign.Request.Options;
import feign.RequestLine;
import feign.RetryableException;
import feign.Retryer;
import feign.http2client.Http2Client;
import io.vpc4j.VpcException;
import io.vpc4j.testkit.FreePort;
import java.net.ConnectException;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.http.HttpStatus;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;

/** What takes a {@code java.net.http.HttpClient} takes the binding's: Spring and Feign. */
@Timeout(120)
class HttpClientGuestsTest {

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void springsRestClient(Over over) throws Exception {
    var nobody = FreePort.next();
    try (var server = new CaseServer();
        var world = over.open(folder, server.port(), nobody)) {
      var binding = world.network();
      var base = "http://" + world.host() + ":" + server.port();
      var requests = new JdkClientHttpRequestFactory(binding.httpClient());
      var client = RestClient.builder().requestFactory(requests).baseUrl(base).build();
      assertThat(client.get().uri("/lines").retrieve().body(String.class)).startsWith("one\ntwo");
      var octets = new byte[300_000];
      Arrays.fill(octets, (byte) 7);
      assertThat(
              client
                  .post()
                  .uri("/echo?q={q}", "a b")
                  .header("X-One", "1")
                  .body(new ByteArrayResource(octets))
                  .retrieve()
                  .body(String.class))
          .startsWith("POST /echo?q=a%20b")
          .contains("X-One=[1]")
          .endsWith(octets.length + "#" + Arrays.hashCode(octets));
      assertThat(client.get().uri("/chunked").retrieve().body(byte[].class)).hasSize(300_000);
      assertThatThrownBy(() -> client.get().uri("/status/404").retrieve().body(String.class))
          .isInstanceOfSatisfying(
              HttpClientErrorException.class,
              e -> {
                assertThat(e.getStatusCode()).isEqualTo(HttpStatus.NOT_FOUND);
                assertThat(e.getResponseBodyAsString(UTF_8)).isEqualTo("status 404");
              });
      var nowhere = "http://" + world.host() + ":" + nobody + "/";
      assertThatThrownBy(() -> client.get().uri(nowhere).retrieve().body(String.class))
          .isInstanceOf(ResourceAccessException.class)
          .hasCauseInstanceOf(ConnectException.class)
          .hasStackTraceContaining(VpcException.class.getName());
    }
  }

  @ParameterizedTest
  @EnumSource(names = "LOOPBACK")
  void springsReadTimeOut(Over over) throws Exception {
    try (var server = new CaseServer();
        var world = over.open(folder, server.port())) {
      var requests = new JdkClientHttpRequestFactory(world.network().httpClient());
      requests.setReadTimeout(Duration.ofMillis(200));
      var client = RestClient.builder().requestFactory(requests).build();
      var silent = "http://" + world.host() + ":" + server.port() + "/silent";

      assertThatThrownBy(() -> client.get().uri(silent).retrieve().body(String.class))
          .isInstanceOf(ResourceAccessException.class)
          .hasCauseInstanceOf(HttpTimeoutException.class);
    }
  }

  /** A declared client. */
  interface Api {
    @RequestLine("GET /echo/{id}?q={q}")
    @Headers("X-One: {one}")
    String get(@Param("id") String id, @Param("q") String q, @Param("one") String one);

    @RequestLine("POST /echo")
    @Body("{body}")
    String post(@Param("body") String body);

    @RequestLine("GET /status/503")
    String unavailable();
  }

  @ParameterizedTest
  @EnumSource
  void feign(Over over) throws Exception {
    var nobody = FreePort.next();
    try (var server = new CaseServer();
        var world = over.open(folder, server.port(), nobody)) {
      var binding = world.network();
      var base = "http://" + world.host() + ":" + server.port();
      var options = new Options(); // of the API; a client that has others is not used
      var client =
          binding
              .httpClientBuilder()
              .connectTimeout(Duration.ofMillis(options.connectTimeoutMillis()))
              .followRedirects(options.isFollowRedirects() ? Redirect.ALWAYS : Redirect.NEVER)
              .build();
      var api =
          Feign.builder()
              .options(options)
              .client(new Http2Client(client))
              .retryer(Retryer.NEVER_RETRY)
              .target(Api.class, base);

      assertThat(api.get("7", "x", "me")).startsWith("GET /echo/7?q=x").contains("X-One=[me]");
      var sent = "0123456789".repeat(20_000);
      assertThat(api.post(sent))
          .endsWith(sent.length() + "#" + Arrays.hashCode(sent.getBytes(UTF_8)));
      assertThatThrownBy(api::unavailable)
          .isInstanceOfSatisfying(
              FeignException.class, e -> assertThat(e.contentUTF8()).isEqualTo("status 503"));
      var nowhere =
          Feign.builder()
              .client(new Http2Client(client))
              .retryer(Retryer.NEVER_RETRY)
              .target(Api.class, "http://" + world.host() + ":" + nobody);
      assertThatThrownBy(() -> nowhere.post("x"))
          .isInstanceOf(RetryableException.class)
          .hasCauseInstanceOf(ConnectException.class)
          .hasStackTraceContaining(VpcException.class.getName());
    }
  }
}

package io.vpc4j.clients;

import static io.vpc4j.clients.HttpClientTwinTest.seen;
import static io.vpc4j.clients.HttpClientTwinTest.thrownBy;

import io.netty.pkitesting.CertificateBuilder;
import io.vpc4j.clients.HttpClientTwinTest.Case;
import io.vpc4j.clients.HttpClientTwinTest.Side;
import io.vpc4j.core.directory.TlsSettings;
import io.vpc4j.core.directory.TlsSettings.Mode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What {@link HttpClientTwinTest} does, over TLS: the version that is negotiated, and redirects
 * between https and http.
 */
@Timeout(120)
class HttpClientTlsTwinTest {

  private static CaseServer plain;
  private static NegotiatingServer secure;
  private static PrivateWorld world;
  private static SSLContext trusting;

  @TempDir static Path folder;

  @BeforeAll
  static void start() throws Exception {
    var shown =
        new CertificateBuilder()
            .subject("CN=server")
            .addSanDnsName("db.internal")
            .addSanIpAddress("127.0.0.1")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    trusting = SSLContext.getInstance("TLS");
    trusting.init(null, shown.toTrustManagerFactory().getTrustManagers(), null);
    plain = new CaseServer();
    secure = new NegotiatingServer(shown);
    PrivateWorld.tls =
        new TlsSettings(Mode.VERIFY_FULL, Optional.of(shown.getCertificatePEM()), Optional.empty());
    world = PrivateWorld.simulated(plain.port(), secure.port());
  }

  @AfterAll
  static void stop() throws IOException {
    PrivateWorld.tls = TlsSettings.DEFAULT;
    world.close();
    secure.close();
    plain.close();
  }

  static Iterable<String> cases() {
    return CASES.keySet();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void bothDoTheSame(String name) throws Exception {
    var theirs =
        new Side(
            "https://127.0.0.1:" + secure.port(),
            () -> HttpClient.newBuilder().sslContext(trusting),
            Files.createTempDirectory(folder, "theirs"),
            plain);
    var ours =
        new Side(
            "https://" + world.host() + ":" + secure.port(),
            world.network()::httpClientBuilder,
            Files.createTempDirectory(folder, "ours"),
            plain);
    HttpClientTwinTest.assertTheSame(CASES.get(name), theirs, ours, world.host());
  }

  /** The same host's other server: {@code http}, which redirects to this one, or the other way. */
  private static String plainBase(Side side) {
    return side.base().replace("https:", "http:").replace("" + secure.port(), "" + plain.port());
  }

  private static final Map<String, Case> CASES = new LinkedHashMap<>();

  static {
    CASES.put("the version that is negotiated", s -> s.sent(s.get("/a")));
    for (var version : Version.values()) {
      if (version.name().equals("HTTP_3")) {
        continue; // of later JDKs, and of neither here
      }
      CASES.put(version + " of the request", s -> s.sent(s.to("/a").version(version).build()));
      CASES.put(
          version + " of the client",
          s -> seen(s.client(b -> b.version(version)).send(s.get("/a"), BodyHandlers.ofString())));
    }
    CASES.put(
        "a POST",
        s -> s.sent(s.to("/a").POST(BodyPublishers.ofString(HttpClientTwinTest.LONG)).build()));
    CASES.put("HEAD", s -> s.sent(s.to("/a").method("HEAD", BodyPublishers.noBody()).build()));
    CASES.put("an end before the answer", s -> s.sent(s.get("/end")));
    CASES.put(
        "an end before the answer, of HTTP/1.1",
        s -> s.sent(s.to("/end").version(Version.HTTP_1_1).build()));
    CASES.put("fifty at once", HttpClientTlsTwinTest::fiftyAtOnce);
    for (var policy : Redirect.values()) {
      CASES.put(
          "from https to http, " + policy,
          s -> {
            var client = s.client(b -> b.followRedirects(policy));
            return seen(
                client.send(s.get("/to?" + plainBase(s) + "/echo"), BodyHandlers.ofString()));
          });
      CASES.put(
          "from http to https, " + policy,
          s -> {
            var client = s.client(b -> b.followRedirects(policy));
            var from = URI.create(plainBase(s) + "/secure/" + secure.port());
            return seen(client.send(HttpRequest.newBuilder(from).build(), BodyHandlers.ofString()));
          });
    }
    CASES.put(
        "http where https is spoken",
        s ->
            thrownBy(
                () ->
                    s.client()
                        .send(
                            HttpRequest.newBuilder(
                                    URI.create(s.base().replace("https:", "http:") + "/a"))
                                .version(Version.HTTP_1_1)
                                .build(),
                            BodyHandlers.ofString())));
  }

  private static Object fiftyAtOnce(Side side) throws Exception {
    var client = side.client();
    var all = new ArrayList<CompletableFuture<String>>();
    for (var i = 0; i < 50; i++) {
      all.add(
          client
              .sendAsync(side.get("/a?n=" + i), BodyHandlers.ofString())
              .thenApply(HttpResponse::body));
    }
    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
    return all.stream().map(CompletableFuture::join).collect(Collectors.joining());
  }
}

package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.testkit.FreePort;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.Authenticator;
import java.net.CookieManager;
import java.net.PasswordAuthentication;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The JDK's own client is the oracle: each case goes through both, to one server, and what the
 * program sees must be the same: status, fields, body, and the classes of exceptions.
 */
@Timeout(120)
class HttpClientTwinTest {

  /** A case: what a program does with a client, and what it sees. */
  @FunctionalInterface
  interface Case {
    Object run(Side side) throws Exception;
  }

  /** One of the two: makes clients, and URIs that they reach. */
  record Side(String base, BuilderMaker clients, Path folder, CaseServer server) {
    HttpClient client() {
      return clients.make().build();
    }

    HttpClient client(Consumer<HttpClient.Builder> with) {
      var builder = clients.make();
      with.accept(builder);
      return builder.build();
    }

    HttpRequest.Builder to(String path) {
      return HttpRequest.newBuilder(URI.create(base + path));
    }

    HttpRequest get(String path) {
      return to(path).build();
    }

    String sent(HttpRequest request) throws Exception {
      return seen(client().send(request, BodyHandlers.ofString()));
    }
  }

  @FunctionalInterface
  interface BuilderMaker {
    HttpClient.Builder make();
  }

  private static CaseServer server;
  private static Servers raw;
  private static PrivateWorld world;
  private static int cutPort;
  private static int garbagePort;
  private static int closingPort;
  private static int refusingPort;
  private static BlackHole hole;
  private static int nobody;
  private static volatile String lastThrown = "nothing";

  @TempDir static Path folder;

  @BeforeAll
  static void start() throws Exception {
    server = new CaseServer();
    raw = new Servers();
    cutPort = raw.start(s -> say(s, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"));
    garbagePort = raw.start(s -> say(s, "this is no HTTP\r\n\r\n"));
    closingPort = raw.start(s -> s.getInputStream().read());
    refusingPort = raw.start(s -> say(s, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"));
    hole = new BlackHole();
    nobody = FreePort.next();
    world =
        PrivateWorld.simulated(
            server.port(), cutPort, garbagePort, closingPort, refusingPort, hole.port(), nobody);
  }

  private static void say(Socket socket, String answer) throws IOException {
    var in = socket.getInputStream();
    for (var last = 0; last != 0x0d0a0d0a; ) {
      var octet = in.read();
      if (octet < 0) {
        return;
      }
      last = last << 8 | octet;
    }
    socket.getOutputStream().write(answer.getBytes(UTF_8));
  }

  @AfterAll
  static void stop() throws IOException {
    world.close();
    raw.close();
    hole.close();
    server.close();
  }

  static Iterable<String> cases() {
    return CASES.keySet();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void bothDoTheSame(String name) throws Exception {
    var theirs =
        new Side(
            "http://127.0.0.1:" + server.port(), HttpClient::newBuilder, fresh("theirs"), server);
    var ours =
        new Side(
            "http://" + world.host() + ":" + server.port(),
            world.network()::httpClientBuilder,
            fresh("ours"),
            server);

    assertTheSame(CASES.get(name), theirs, ours, world.host());
  }

  /** What our side sees, but for the {@code host}'s name, is what the other sees. */
  static void assertTheSame(Case what, Side theirs, Side ours, String host) {
    var expected = outcome(what, theirs);
    var actual = outcome(what, ours);

    assertThat(actual.replace(host, "127.0.0.1"))
        .as(() -> "what was thrown last: " + lastThrown)
        .isEqualTo(expected)
        .doesNotContain("AssertionError");
  }

  private static Path fresh(String name) throws IOException {
    return Files.createTempDirectory(folder, name);
  }

  private static String outcome(Case what, Side side) {
    try {
      return String.valueOf(what.run(side))
          .replace(side.folder().toString(), "FOLDER")
          .replaceAll("Date=\\[[^]]*\\]", "Date=[]")
          .replaceAll("(?i)date: [^,}]*", "date");
    } catch (Throwable e) {
      var trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      lastThrown = trace.toString();
      return thrown(e);
    }
  }

  /** The classes, outermost first, as far as the JDK's client makes them. */
  private static String thrown(Throwable e) {
    var classes = new StringBuilder("threw ").append(e.getClass().getName());
    if (e instanceof ExecutionException || e instanceof CompletionException) {
      classes.append(" of ").append(e.getCause().getClass().getName());
    }
    return classes.toString();
  }

  /** What a program sees of a response. */
  static String seen(HttpResponse<?> response) {
    var fields =
        response.headers().map().entrySet().stream()
            .filter(field -> !field.getKey().equalsIgnoreCase("date"))
            .filter(field -> !field.getKey().equals(":status")) // the JDK's own counts it in
            .map(
                field -> field.getKey().toLowerCase(java.util.Locale.ROOT) + "=" + field.getValue())
            .collect(Collectors.joining(", "));
    return response.statusCode()
        + " "
        + response.version()
        + " "
        + response.uri().getPath()
        + " {"
        + fields
        + "} previous="
        + response.previousResponse().map(p -> p.statusCode() + "" + p.uri().getPath()).orElse("-")
        + " request="
        + response.request().method()
        + response.request().uri().getPath()
        + " "
        + shown(response.body());
  }

  private static String shown(Object body) {
    return body instanceof byte[] octets
        ? octets.length + "#" + Arrays.hashCode(octets)
        : String.valueOf(body);
  }

  // ---- the cases

  private static final Map<String, Case> CASES = new LinkedHashMap<>();

  static final String LONG = "0123456789".repeat(30_000);

  static {
    HttpClientBodies.addTo(CASES);
    HttpClientEnds.addTo(CASES);
    requests();
    redirects();
    cookiesAndCredentials();
    failures();
    asynchrony();
  }

  private static void requests() {
    for (var method : List.of("PUT", "PATCH", "OPTIONS", "PROPFIND")) {
      CASES.put(
          method, s -> s.sent(s.to("/echo").method(method, BodyPublishers.ofString("x")).build()));
    }
    CASES.put("DELETE", s -> s.sent(s.to("/echo").DELETE().build()));
    CASES.put("HEAD", s -> s.sent(s.to("/echo").method("HEAD", BodyPublishers.noBody()).build()));
    CASES.put(
        "a query and encoded octets",
        s -> s.sent(s.get("/echo/a%20b%2Fc?q=%C3%A4&r=1+2#fragment")));
    CASES.put("an empty path", s -> s.sent(s.get("")));
    CASES.put(
        "fields",
        s ->
            s.sent(
                s.to("/echo")
                    .header("X-One", "1")
                    .header("X-Two", "a")
                    .header("X-Two", "b")
                    .header("Accept", "text/plain")
                    .build()));
    CASES.put(
        "a user agent of one's own", s -> s.sent(s.to("/echo").header("User-Agent", "me").build()));
    CASES.put("fields of the answer", s -> s.sent(s.get("/fields")));
    CASES.put("HTTP/1.1", s -> s.sent(s.to("/echo").version(Version.HTTP_1_1).build()));
    CASES.put(
        "expectContinue",
        s ->
            s.sent(s.to("/echo").expectContinue(true).POST(BodyPublishers.ofString(LONG)).build()));
    if (Runtime.version().feature() >= 21) { // before, the JDK's own waits for ever
      CASES.put("expectContinue, and it is refused", HttpClientTwinTest::expectationRefused);
    }
    CASES.put(
        "facts of the default client",
        s -> {
          var client = s.client();
          return client.version()
              + " "
              + client.followRedirects()
              + client.cookieHandler()
              + client.connectTimeout()
              + client.authenticator()
              + client.executor()
              + client.proxy();
        });
    CASES.put(
        "a builder refuses nonsense",
        s -> {
          var builder = s.clients().make();
          return thrownBy(() -> builder.connectTimeout(Duration.ZERO))
              + thrownBy(() -> builder.priority(0))
              + thrownBy(() -> builder.followRedirects(null))
              + thrownBy(() -> builder.cookieHandler(null))
              + thrownBy(() -> builder.version(null))
              + thrownBy(() -> builder.executor(null));
        });
    CASES.put(
        "null arguments",
        s ->
            thrownBy(() -> s.client().send(null, BodyHandlers.ofString()))
                + thrownBy(() -> s.client().send(s.get("/echo"), null))
                + thrownBy(() -> s.client().sendAsync(null, BodyHandlers.ofString())));
  }

  private static String expectationRefused(Side side) throws Exception {
    return side.sent(
        HttpRequest.newBuilder(on(side, refusingPort, "/").uri())
            .expectContinue(true)
            .POST(BodyPublishers.ofString(LONG))
            .build());
  }

  private static void redirects() {
    for (var status : List.of(300, 301, 302, 303, 304, 305, 307, 308)) {
      for (var policy : Redirect.values()) {
        CASES.put(
            "GET " + status + " " + policy,
            s ->
                seen(
                    s.client(b -> b.followRedirects(policy))
                        .send(s.get("/redirect/" + status), BodyHandlers.ofString())));
      }
    }
    for (var status : List.of(303, 307, 308)) {
      CASES.put(
          "POST " + status,
          s ->
              seen(
                  s.client(b -> b.followRedirects(Redirect.NORMAL))
                      .send(
                          s.to("/redirect/" + status)
                              .header("X-One", "kept")
                              .POST(BodyPublishers.ofString("the body"))
                              .build(),
                          BodyHandlers.ofString())));
    }
    for (var hops : List.of(1, 3, 4, 5, 6, 9)) {
      CASES.put(
          hops + " hops",
          s ->
              seen(
                  s.client(b -> b.followRedirects(Redirect.ALWAYS))
                      .send(s.get("/hops/" + hops), BodyHandlers.ofString())));
    }
    CASES.put(
        "a redirect to nowhere",
        s ->
            s.client(b -> b.followRedirects(Redirect.ALWAYS))
                .send(s.get("/no-location"), BodyHandlers.ofString()));
  }

  private static void cookiesAndCredentials() {
    CASES.put(
        "cookies",
        s -> {
          var client = s.client(b -> b.cookieHandler(new CookieManager()));
          return seen(client.send(s.get("/cookie"), BodyHandlers.ofString()))
              + seen(client.send(s.get("/echo"), BodyHandlers.ofString()))
              + seen(client.send(s.get("/lines"), BodyHandlers.ofString()));
        });
    CASES.put("a challenge without an authenticator", s -> s.sent(s.get("/secret")));
    CASES.put("a challenge", s -> secret(s, "p\u00e4ss", s.get("/secret")));
    CASES.put(
        "a challenge of a POST",
        s -> secret(s, "p\u00e4ss", s.to("/secret").POST(BodyPublishers.ofString("x")).build()));
    CASES.put("a wrong password", s -> secret(s, "wrong", s.get("/secret")));
    CASES.put(
        "no password",
        s ->
            s.client(b -> b.authenticator(new Authenticator() {}))
                .send(s.get("/secret"), BodyHandlers.ofString()));
    CASES.put("another scheme", s -> secret(s, "p\u00e4ss", s.get("/digest")));
    CASES.put(
        "an accepted password is sent again without being asked",
        s -> {
          var asked = new int[1];
          var client = s.client(b -> b.authenticator(new Knowing("p\u00e4ss", asked)));
          for (var i = 0; i < 3; i++) {
            client.send(s.get("/secret"), BodyHandlers.ofString());
          }
          return asked[0];
        });
    CASES.put(
        "a field of one's own",
        s ->
            s.sent(
                s.to("/secret")
                    .header(
                        "Authorization",
                        "Basic "
                            + java.util.Base64.getEncoder()
                                .encodeToString("user:p\u00e4ss".getBytes(UTF_8)))
                    .build()));
  }

  private static String secret(Side side, String password, HttpRequest request) throws Exception {
    var client = side.client(b -> b.authenticator(new Knowing(password, new int[1])));
    return seen(client.send(request, BodyHandlers.ofString()));
  }

  private static final class Knowing extends Authenticator {
    private final String password;
    private final int[] asked;

    Knowing(String password, int[] asked) {
      this.password = password;
      this.asked = asked;
    }

    @Override
    protected PasswordAuthentication getPasswordAuthentication() {
      asked[0]++;
      assertThat(getRequestingPrompt()).contains("inner");
      assertThat(getRequestingScheme()).isEqualToIgnoringCase("basic");
      return new PasswordAuthentication("user", password.toCharArray());
    }
  }

  private static HttpRequest on(Side side, int port, String path) {
    return HttpRequest.newBuilder(
            URI.create(side.base().replace(":" + server.port(), ":" + port) + path))
        .build();
  }

  private static void failures() {
    CASES.put("nobody listens", s -> s.sent(on(s, nobody, "/")));
    CASES.put(
        "a name that is not known",
        s -> s.sent(HttpRequest.newBuilder(URI.create("http://nobody.internal/")).build()));
    CASES.put("no HTTP", s -> s.sent(on(s, garbagePort, "/")));
    CASES.put("closed before an answer", s -> s.sent(on(s, closingPort, "/")));
    CASES.put("cut short", s -> s.sent(on(s, cutPort, "/")));
    CASES.put(
        "cut short, read as a stream",
        s -> {
          var response = s.client().send(on(s, cutPort, "/"), BodyHandlers.ofInputStream());
          return response.statusCode() + thrownBy(() -> response.body().readAllBytes());
        });
    CASES.put(
        "a time-out of the request",
        s -> s.sent(s.to("/silent").timeout(Duration.ofMillis(300)).build()));
    CASES.put(
        "a time-out is not of the body",
        s -> {
          var request = s.to("/slow-body").timeout(Duration.ofMillis(500)).build();
          var response = s.client().send(request, BodyHandlers.ofInputStream());
          try (var body = response.body()) {
            return new String(body.readNBytes(5), UTF_8);
          }
        });
    CASES.put(
        "a time-out of the connection",
        s ->
            s.client(b -> b.connectTimeout(Duration.ofMillis(300)))
                .send(on(s, hole.port(), "/"), BodyHandlers.ofString()));
    CASES.put(
        "a time-out of the request before there is a connection",
        s ->
            s.client()
                .send(
                    HttpRequest.newBuilder(on(s, hole.port(), "/").uri())
                        .timeout(Duration.ofMillis(300))
                        .build(),
                    BodyHandlers.ofString()));
    CASES.put(
        "sendAsync, a time-out of the connection",
        s ->
            s.client(b -> b.connectTimeout(Duration.ofMillis(300)))
                .sendAsync(on(s, hole.port(), "/"), BodyHandlers.ofString())
                .get(20, TimeUnit.SECONDS));
    CASES.put(
        "connected in time",
        s ->
            seen(
                s.client(b -> b.connectTimeout(Duration.ofSeconds(20)))
                    .send(s.get("/echo"), BodyHandlers.ofString())));
    CASES.put(
        "another scheme of URI",
        s -> s.sent(HttpRequest.newBuilder(URI.create("ftp://host/")).build()));
  }

  private static void asynchrony() {
    CASES.put(
        "sendAsync",
        s ->
            seen(
                s.client()
                    .sendAsync(s.get("/echo"), BodyHandlers.ofString())
                    .get(20, TimeUnit.SECONDS)));
    CASES.put(
        "sendAsync, nobody listens, get",
        s ->
            s.client()
                .sendAsync(on(s, nobody, "/"), BodyHandlers.ofString())
                .get(20, TimeUnit.SECONDS));
    CASES.put(
        "sendAsync, nobody listens, join",
        s -> s.client().sendAsync(on(s, nobody, "/"), BodyHandlers.ofString()).join());
    CASES.put(
        "sendAsync, a time-out",
        s ->
            s.client()
                .sendAsync(
                    s.to("/silent").timeout(Duration.ofMillis(300)).build(),
                    BodyHandlers.ofString())
                .get(20, TimeUnit.SECONDS));
    CASES.put(
        "sendAsync, a push promise handler",
        s ->
            seen(
                s.client()
                    .sendAsync(s.get("/echo"), BodyHandlers.ofString(), (a, b, c) -> {})
                    .get(20, TimeUnit.SECONDS)));
    CASES.put(
        "cancelled",
        s -> {
          var sending = s.client().sendAsync(s.get("/silent"), BodyHandlers.ofString());
          var first = sending.cancel(true);
          try {
            sending.get(20, TimeUnit.SECONDS);
            return "an answer";
          } catch (CancellationException e) {
            return first + " cancelled";
          } catch (ExecutionException e) {
            // The JDK's own may have failed the future with the same, a moment before it is
            // cancelled.
            return e.getCause() instanceof CancellationException ? first + " cancelled" : thrown(e);
          }
        });
    CASES.put(
        "an interrupt",
        s -> {
          Thread.currentThread().interrupt();
          try {
            return s.client().send(s.get("/silent"), BodyHandlers.ofString());
          } finally {
            Thread.interrupted();
          }
        });
    CASES.put(
        "handlers run on the executor",
        s -> {
          var executor = Executors.newSingleThreadExecutor(task -> new Thread(task, "mine"));
          try {
            var client = s.client(b -> b.executor(executor));
            return client
                    .send(
                        s.get("/echo"),
                        info -> BodySubscribers.replacing(Thread.currentThread().getName()))
                    .body()
                + (client.executor().orElseThrow() == executor);
          } finally {
            executor.shutdown();
          }
        });
    CASES.put(
        "a hundred at once",
        s -> {
          var client = s.client();
          var all = new ArrayList<CompletableFuture<String>>();
          for (var i = 0; i < 100; i++) {
            all.add(
                client
                    .sendAsync(s.get("/echo?n=" + i), BodyHandlers.ofString())
                    .thenApply(HttpResponse::body));
          }
          var bodies = new ArrayList<String>();
          for (var each : all) {
            bodies.add(each.get(30, TimeUnit.SECONDS));
          }
          return bodies;
        });
  }

  static String thrownBy(java.util.concurrent.Callable<?> call) {
    try {
      return " gave " + call.call();
    } catch (Exception e) {
      return " " + thrown(e);
    }
  }
}

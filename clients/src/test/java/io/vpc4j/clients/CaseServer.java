package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** One HTTP server for two clients: it says what it was asked, and answers as its paths say. */
final class CaseServer implements Closeable {

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  final CountDownLatch over = new CountDownLatch(1);
  private final Semaphore silences = new Semaphore(0);

  CaseServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    server.setExecutor(threads);
    server.createContext("/echo", CaseServer::echo);
    server.createContext("/status/", CaseServer::status);
    server.createContext("/redirect/", CaseServer::redirect);
    server.createContext("/hops/", CaseServer::hops);
    server.createContext("/away/", exchange -> away(exchange, "http"));
    server.createContext("/secure/", exchange -> away(exchange, "https"));
    server.createContext("/no-location", exchange -> answer(exchange, 302, "nowhere"));
    server.createContext("/cookie", CaseServer::cookie);
    server.createContext("/secret", CaseServer::secret);
    server.createContext("/digest", CaseServer::digest);
    server.createContext("/silent", this::silent);
    server.createContext("/slow-body", this::slowBody);
    server.createContext("/chunked", CaseServer::chunked);
    server.createContext("/lines", exchange -> answer(exchange, 200, "one\ntwo\r\nthree\n\nfive"));
    server.createContext("/fields", CaseServer::fields);
    server.createContext("/download", CaseServer::download);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    exchange.getRequestBody().readAllBytes();
    var octets = text.getBytes(UTF_8);
    var none = exchange.getRequestMethod().equals("HEAD") || octets.length == 0;
    exchange.sendResponseHeaders(status, none ? -1 : octets.length);
    if (!none) {
      exchange.getResponseBody().write(octets);
    }
    exchange.close();
  }

  /** Method, path, what both clients should send, and the body. */
  private static String asked(HttpExchange exchange) throws IOException {
    var fields = new TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER);
    for (var name :
        List.of(
            "Accept",
            "Authorization",
            "Content-Length",
            "Content-Type",
            "Cookie",
            "Expect",
            "Transfer-Encoding",
            "User-Agent",
            "X-One",
            "X-Two")) {
      var values = exchange.getRequestHeaders().get(name);
      // A GET without a body has this field in some releases of the JDK, and in others not.
      if (values != null && !(name.equals("Content-Length") && values.equals(List.of("0")))) {
        fields.put(name, values);
      }
    }
    var body = exchange.getRequestBody().readAllBytes();
    return exchange.getRequestMethod()
        + " "
        + exchange.getRequestURI()
        + " "
        + fields
        + " "
        + body.length
        + "#"
        + Arrays.hashCode(body);
  }

  private static void echo(HttpExchange exchange) throws IOException {
    answer(exchange, 200, asked(exchange));
  }

  private static int number(HttpExchange exchange) {
    var path = exchange.getRequestURI().getPath();
    return Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
  }

  private static void status(HttpExchange exchange) throws IOException {
    var status = number(exchange);
    answer(exchange, status, status == 204 || status == 304 ? "" : "status " + status);
  }

  private static void redirect(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().add("Location", "/echo?from=" + number(exchange));
    answer(exchange, number(exchange), "elsewhere");
  }

  /** To the server at another port of the same host. */
  private static void away(HttpExchange exchange, String scheme) throws IOException {
    var host = exchange.getRequestHeaders().getFirst("Host");
    var name = host.substring(0, host.lastIndexOf(':'));
    exchange
        .getResponseHeaders()
        .add("Location", scheme + "://" + name + ":" + number(exchange) + "/echo");
    answer(exchange, 302, "elsewhere");
  }

  private static void hops(HttpExchange exchange) throws IOException {
    var left = number(exchange);
    if (left == 0) {
      answer(exchange, 200, "arrived");
      return;
    }
    exchange.getResponseHeaders().add("Location", String.valueOf(left - 1));
    answer(exchange, 302, "on you go");
  }

  private static void cookie(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().add("Set-Cookie", "taste=sweet; Path=/");
    exchange.getResponseHeaders().add("Set-Cookie", "size=big; Path=/echo");
    answer(exchange, 200, "have one");
  }

  private static void secret(HttpExchange exchange) throws IOException {
    var wanted = "Basic " + Base64.getEncoder().encodeToString("user:p\u00e4ss".getBytes(UTF_8));
    if (wanted.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      answer(exchange, 200, "come in: " + exchange.getRequestMethod());
    } else {
      exchange
          .getResponseHeaders()
          .add("WWW-Authenticate", "Basic realm=\"the inner room\", charset=\"UTF-8\"");
      answer(exchange, 401, "who are you?");
    }
  }

  private static void digest(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().add("WWW-Authenticate", "Digest realm=\"x\", nonce=\"y\"");
    answer(exchange, 401, "not like that");
  }

  /** Waits until somebody who asked for {@code /silent/heard} is heard; each is waited for once. */
  void awaitSilence() throws InterruptedException {
    assertThat(silences.tryAcquire(20, TimeUnit.SECONDS)).as("somebody asks").isTrue();
  }

  private void silent(HttpExchange exchange) throws IOException {
    if (exchange.getRequestURI().getPath().endsWith("/heard")) {
      silences.release();
    }
    await();
    exchange.close();
  }

  private void slowBody(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 10);
    exchange.getResponseBody().write("01234".getBytes(UTF_8));
    exchange.getResponseBody().flush();
    await();
    exchange.close();
  }

  private void await() {
    try {
      over.await(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void chunked(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    var part = new byte[10_000];
    for (var i = 0; i < 30; i++) {
      Arrays.fill(part, (byte) i);
      exchange.getResponseBody().write(part);
    }
    exchange.close();
  }

  private static void download(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().add("Content-Disposition", exchange.getRequestURI().getQuery());
    answer(exchange, 200, "downloaded");
  }

  private static void fields(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().add("X-Many", "one");
    exchange.getResponseHeaders().add("X-Many", "two");
    exchange.getResponseHeaders().add("x-lower", "yes");
    exchange.getResponseHeaders().add("Content-Type", "text/plain; charset=ISO-8859-1");
    exchange.sendResponseHeaders(200, 3);
    exchange.getResponseBody().write(new byte[] {(byte) 0xe4, (byte) 0xf6, (byte) 0xfc});
    exchange.close();
  }

  @Override
  public void close() {
    over.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}

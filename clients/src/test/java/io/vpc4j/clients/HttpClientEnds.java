package io.vpc4j.clients;

import static io.vpc4j.clients.HttpClientTwinTest.seen;
import static io.vpc4j.clients.HttpClientTwinTest.thrownBy;

import io.vpc4j.clients.HttpClientTwinTest.Case;
import io.vpc4j.clients.HttpClientTwinTest.Side;
import java.lang.reflect.InvocationTargetException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The cases of {@link HttpClientTwinTest} that are about the client's end. The methods are those of
 * JDK 21 and later, and called by their names, for these tests are compiled for 17.
 */
final class HttpClientEnds {

  private HttpClientEnds() {}

  static void addTo(Map<String, Case> cases) {
    if (Runtime.version().feature() < 21) {
      return; // there is nothing to compare with
    }
    cases.put("nobody has shut it down", s -> terminated(s.client(), 10));
    cases.put("shut down", HttpClientEnds::shutDown);
    cases.put("shut down while a request is under way", HttpClientEnds::shutDownWhileUnderWay);
    cases.put("shut down while a body is read", HttpClientEnds::shutDownWhileBodyIsRead);
    cases.put("shut down, and the body cut off", HttpClientEnds::bodyCutOff);
    cases.put("closed", HttpClientEnds::closed);
    cases.put("closed by a thread that is interrupted", HttpClientEnds::closedInterrupted);
  }

  /** Calls a method of {@link HttpClient} that has no argument. */
  static Object call(HttpClient client, String method) throws Exception {
    try {
      return HttpClient.class.getMethod(method).invoke(client);
    } catch (InvocationTargetException e) {
      throw (Exception) e.getCause();
    }
  }

  /** Whether it has ended within so long, by both of its words for it. */
  static String terminated(HttpClient client, long millis) throws Exception {
    var awaited =
        HttpClient.class
            .getMethod("awaitTermination", Duration.class)
            .invoke(client, Duration.ofMillis(millis));
    return " " + awaited + call(client, "isTerminated");
  }

  private static Object shutDown(Side s) throws Exception {
    var client = s.client();
    var before = seen(client.send(s.get("/echo"), BodyHandlers.ofString()));
    call(client, "shutdown");
    var facts = terminated(client, 20_000);
    var sent = thrownBy(() -> client.send(s.get("/echo"), BodyHandlers.ofString()));
    var later =
        thrownBy(
            () ->
                client
                    .sendAsync(s.get("/echo"), BodyHandlers.ofString())
                    .get(20, TimeUnit.SECONDS));
    call(client, "shutdown");
    call(client, "shutdownNow");
    call(client, "close");
    return before + facts + sent + later;
  }

  private static Object shutDownWhileUnderWay(Side s) throws Exception {
    var client = s.client();
    var sending = client.sendAsync(s.get("/silent/heard"), BodyHandlers.ofString());
    s.server().awaitSilence();
    call(client, "shutdown");
    var facts = terminated(client, 20);
    call(client, "shutdownNow");
    return facts + thrownBy(() -> sending.get(20, TimeUnit.SECONDS)) + terminated(client, 20_000);
  }

  private static Object shutDownWhileBodyIsRead(Side s) throws Exception {
    var client = s.client();
    var response = client.send(s.get("/slow-body"), BodyHandlers.ofInputStream());
    call(client, "shutdown");
    var facts = terminated(client, 20) + response.body().read();
    response.body().close();
    return facts + terminated(client, 20_000);
  }

  private static Object bodyCutOff(Side s) throws Exception {
    var client = s.client();
    var response = client.send(s.get("/slow-body"), BodyHandlers.ofInputStream());
    var first = response.body().readNBytes(5).length;
    call(client, "shutdownNow");
    return first + thrownBy(() -> response.body().read()) + terminated(client, 20_000);
  }

  private static Object closed(Side s) throws Exception {
    var client = s.client();
    var sending = client.sendAsync(s.get("/chunked"), BodyHandlers.ofString());
    call(client, "close");
    return sending.get(20, TimeUnit.SECONDS).body().length() + terminated(client, 20_000);
  }

  private static Object closedInterrupted(Side s) throws Exception {
    var client = s.client();
    var sending = client.sendAsync(s.get("/silent/heard"), BodyHandlers.ofString());
    s.server().awaitSilence();
    Thread.currentThread().interrupt();
    call(client, "close");
    var flag = Thread.interrupted();
    return flag + thrownBy(() -> sending.get(20, TimeUnit.SECONDS)) + terminated(client, 20_000);
  }
}

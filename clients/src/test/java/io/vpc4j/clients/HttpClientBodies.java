package io.vpc4j.clients;

import static io.vpc4j.clients.HttpClientTwinTest.LONG;
import static io.vpc4j.clients.HttpClientTwinTest.seen;
import static io.vpc4j.clients.HttpClientTwinTest.thrownBy;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import io.vpc4j.clients.HttpClientTwinTest.Case;
import java.io.ByteArrayInputStream;
import java.net.URLEncoder;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;

/** The cases of {@link HttpClientTwinTest} that are about bodies: handlers and publishers. */
final class HttpClientBodies {

  private HttpClientBodies() {}

  static void addTo(Map<String, Case> cases) {
    handlers(cases);
    files(cases);
    subscribers(cases);
    publishers(cases);
    methods(cases);
  }

  private static void handlers(Map<String, Case> cases) {
    cases.put("ofString", s -> s.sent(s.get("/echo")));
    cases.put("ofString, the charset of the response", s -> s.sent(s.get("/fields")));
    handler(cases, "ofByteArray", BodyHandlers.ofByteArray());
    handler(cases, "discarding", BodyHandlers.discarding());
    handler(cases, "replacing", BodyHandlers.replacing("instead"));
    handler(cases, "ofString with a charset", BodyHandlers.ofString(UTF_8));
    cases.put(
        "ofInputStream",
        s -> {
          var response = s.client().send(s.get("/chunked"), BodyHandlers.ofInputStream());
          try (var body = response.body()) {
            return Arrays.hashCode(body.readAllBytes());
          }
        });
    cases.put(
        "ofInputStream, closed early",
        s -> {
          var response = s.client().send(s.get("/chunked"), BodyHandlers.ofInputStream());
          var first = response.body().read();
          response.body().close();
          return first + thrownBy(() -> response.body().read());
        });
    cases.put(
        "ofLines", s -> s.client().send(s.get("/lines"), BodyHandlers.ofLines()).body().toList());
    cases.put(
        "ofFile",
        s -> {
          var file = s.folder().resolve("file");
          var response = s.client().send(s.get("/chunked"), BodyHandlers.ofFile(file));
          return response.body() + " " + Arrays.hashCode(Files.readAllBytes(file));
        });
    cases.put(
        "ofFile in a folder that is not there",
        s ->
            s.client()
                .send(s.get("/echo"), BodyHandlers.ofFile(s.folder().resolve("no/such/folder"))));
    cases.put(
        "ofByteArrayConsumer",
        s -> {
          var sum = new int[2];
          var handler =
              BodyHandlers.ofByteArrayConsumer(
                  part -> {
                    sum[0] += part.map(each -> each.length).orElse(0);
                    sum[1] += part.isEmpty() ? 1 : 0;
                  });
          return seen(s.client().send(s.get("/chunked"), handler)) + Arrays.toString(sum);
        });
    cases.put(
        "ofPublisher",
        s -> {
          var response = s.client().send(s.get("/chunked"), BodyHandlers.ofPublisher());
          return collect(response.body()).get(20, TimeUnit.SECONDS);
        });
    cases.put(
        "fromLineSubscriber",
        s -> {
          var lines = new ArrayList<String>();
          var handler = BodyHandlers.fromLineSubscriber(new Lines(lines));
          return seen(s.client().send(s.get("/lines"), handler)) + lines;
        });
    cases.put(
        "buffering",
        s -> {
          var sizes = new ArrayList<Integer>();
          BodyHandler<Void> inner =
              BodyHandlers.ofByteArrayConsumer(p -> p.ifPresent(each -> sizes.add(each.length)));
          s.client().send(s.get("/chunked"), BodyHandlers.buffering(inner, 7_000));
          return sizes.stream().mapToInt(each -> each).sum();
        });
    cases.put(
        "mapping",
        s ->
            s.client()
                .send(
                    s.get("/echo"),
                    info ->
                        BodySubscribers.mapping(
                            BodySubscribers.ofString(UTF_8), text -> info.statusCode() + text))
                .body());
    cases.put(
        "a handler that throws",
        s ->
            s.client()
                .send(
                    s.get("/echo"),
                    info -> {
                      throw new IllegalStateException("no");
                    }));
    for (var status : List.of(200, 201, 204, 206, 304, 400, 404, 500, 503)) {
      cases.put("status " + status, s -> s.sent(s.get("/status/" + status)));
    }
  }

  private static void files(Map<String, Case> cases) {
    for (var name :
        List.of("attachment; filename=\"got.txt\"", "attachment; filename=../out", "inline")) {
      cases.put(
          "ofFileDownload, " + name,
          s -> {
            var path = "/download?" + URLEncoder.encode(name, UTF_8);
            var handler = BodyHandlers.ofFileDownload(s.folder(), CREATE, WRITE);
            var file = s.client().send(s.get(path), handler).body();
            return file + Files.readString(file);
          });
    }
    cases.put(
        "ofFileDownload without a name",
        s ->
            s.client()
                .send(s.get("/echo"), BodyHandlers.ofFileDownload(s.folder(), CREATE, WRITE)));
    cases.put(
        "ofFile, appended to",
        s -> {
          var file = Files.writeString(s.folder().resolve("log"), "before ");
          s.client().send(s.get("/lines"), BodyHandlers.ofFile(file, APPEND));
          return Files.readString(file);
        });
  }

  private static void subscribers(Map<String, Case> cases) {
    cases.put(
        "fromSubscriber",
        s -> {
          var octets = BodySubscribers.ofByteArray();
          var handler =
              BodyHandlers.fromSubscriber(
                  octets, done -> Arrays.hashCode(done.getBody().toCompletableFuture().join()));
          return s.client().send(s.get("/chunked"), handler).body();
        });
    cases.put(
        "fromLineSubscriber with a finisher and a separator",
        s -> {
          var lines = new ArrayList<String>();
          var handler =
              BodyHandlers.fromLineSubscriber(new Lines(lines), done -> done.lines().size(), "e");
          return s.client().send(s.get("/lines"), handler).body() + "" + lines;
        });
    cases.put(
        "ofPublisher, given up",
        s -> {
          var response = s.client().send(s.get("/chunked"), BodyHandlers.ofPublisher());
          var first = new CompletableFuture<String>();
          response.body().subscribe(new GivesUp(first));
          return first.get(20, TimeUnit.SECONDS);
        });
    if (Runtime.version().feature() >= 25) {
      for (var most : List.of(0L, 299_999L, 300_000L)) {
        cases.put(
            "limiting to " + most,
            s -> shortened(s.client().send(s.get("/chunked"), limiting(most)).body()));
      }
    }
  }

  private static int shortened(byte[] body) {
    return Arrays.hashCode(body);
  }

  /** {@code BodyHandlers.limiting}, of JDK 25 and later. */
  @SuppressWarnings("unchecked") // it is a handler of the same type
  private static BodyHandler<byte[]> limiting(long most) throws ReflectiveOperationException {
    return (BodyHandler<byte[]>)
        BodyHandlers.class
            .getMethod("limiting", BodyHandler.class, long.class)
            .invoke(null, BodyHandlers.ofByteArray(), most);
  }

  /** Takes one part, and no more. */
  private record GivesUp(CompletableFuture<String> first)
      implements Flow.Subscriber<List<ByteBuffer>> {
    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(1);
      first.whenComplete((part, failure) -> subscription.cancel());
    }

    @Override
    public void onNext(List<ByteBuffer> part) {
      first.complete("first octet " + part.get(0).get(0));
    }

    @Override
    public void onError(Throwable failure) {
      first.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      first.complete("the end");
    }
  }

  private static void handler(Map<String, Case> cases, String name, BodyHandler<?> handler) {
    cases.put(name, s -> seen(s.client().send(s.get("/chunked"), handler)));
  }

  private static CompletableFuture<Integer> collect(Flow.Publisher<List<ByteBuffer>> publisher) {
    var octets = BodySubscribers.ofByteArray();
    publisher.subscribe(octets);
    return octets.getBody().thenApply(Arrays::hashCode).toCompletableFuture();
  }

  private record Lines(List<String> lines) implements Flow.Subscriber<String> {
    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(String line) {
      lines.add(line);
    }

    @Override
    public void onError(Throwable failure) {
      lines.add(failure.toString());
    }

    @Override
    public void onComplete() {
      lines.add("end");
    }
  }

  private static void publishers(Map<String, Case> cases) {
    post(cases, "a String", BodyPublishers.ofString("h\u00e4llo"));
    post(cases, "a long String", BodyPublishers.ofString(LONG));
    post(cases, "an empty String", BodyPublishers.ofString(""));
    post(cases, "no body", BodyPublishers.noBody());
    post(cases, "octets", BodyPublishers.ofByteArray(new byte[70_000]));
    post(cases, "some octets", BodyPublishers.ofByteArray(new byte[70_000], 10, 1_000));
    post(
        cases,
        "arrays",
        BodyPublishers.ofByteArrays(List.of(new byte[10], new byte[20], new byte[30])));
    post(
        cases,
        "a stream",
        BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(LONG.getBytes(UTF_8))));
    post(
        cases,
        "an empty stream",
        BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[0])));
    post(cases, "a publisher", BodyPublishers.fromPublisher(BodyPublishers.ofString(LONG)));
    post(
        cases,
        "a publisher of known length",
        BodyPublishers.fromPublisher(BodyPublishers.ofString(LONG), LONG.length()));
    post(
        cases,
        "a publisher that gives too little",
        BodyPublishers.fromPublisher(BodyPublishers.ofString("short"), 100));
    post(
        cases,
        "a publisher that gives too much",
        BodyPublishers.fromPublisher(BodyPublishers.ofString("much longer"), 3));
    post(cases, "a stream that is not there", BodyPublishers.ofInputStream(() -> null));
    post(
        cases,
        "several in a row",
        BodyPublishers.concat(
            BodyPublishers.ofString("one"),
            BodyPublishers.noBody(),
            BodyPublishers.ofByteArray(new byte[70_000])));
    post(
        cases,
        "several in a row, of unknown length",
        BodyPublishers.concat(
            BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[100_000])),
            BodyPublishers.ofString("end")));
    post(cases, "a publisher that fails", BodyPublishers.fromPublisher(failing()));
    post(
        cases,
        "a publisher that fails, of known length",
        BodyPublishers.fromPublisher(failing(), 10));
    cases.put(
        "POST a file",
        s -> {
          var file = s.folder().resolve("upload");
          Files.writeString(file, LONG);
          return s.sent(s.to("/echo").POST(BodyPublishers.ofFile(file)).build());
        });
    cases.put(
        "the same publisher twice",
        s -> {
          var request = s.to("/echo").POST(BodyPublishers.ofString("again")).build();
          var client = s.client();
          return seen(client.send(request, BodyHandlers.ofString()))
              + seen(client.send(request, BodyHandlers.ofString()));
        });
  }

  /** Says at the first demand that it has failed. */
  private static Flow.Publisher<ByteBuffer> failing() {
    return subscriber ->
        subscriber.onSubscribe(
            new Flow.Subscription() {
              @Override
              public void request(long n) {
                subscriber.onError(new IllegalStateException("no more paper"));
              }

              @Override
              public void cancel() {}
            });
  }

  /** Any method, as it is written, has any body. */
  private static void methods(Map<String, Case> cases) {
    for (var method : List.of("GET", "HEAD", "DELETE", "OPTIONS", "PROPFIND", "FOO", "get")) {
      for (var body : List.of("", "a body")) {
        cases.put(
            method + " with '" + body + "'",
            s -> s.sent(s.to("/echo").method(method, BodyPublishers.ofString(body)).build()));
      }
    }
    cases.put(
        "GET with a publisher of no length",
        s ->
            s.sent(
                s.to("/echo")
                    .method("GET", BodyPublishers.fromPublisher(BodyPublishers.ofString(LONG)))
                    .build()));
    cases.put(
        "GET with a body, redirected",
        s ->
            seen(
                s.client(it -> it.followRedirects(Redirect.NORMAL))
                    .send(
                        s.to("/redirect/307")
                            .method("GET", BodyPublishers.ofString("a body"))
                            .build(),
                        BodyHandlers.ofString())));
  }

  private static void post(
      Map<String, Case> cases, String name, HttpRequest.BodyPublisher publisher) {
    cases.put("POST " + name, s -> s.sent(s.to("/echo").POST(publisher).build()));
  }
}

package io.vpc4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vpc4j.Body;
import io.vpc4j.Request;
import io.vpc4j.Response;
import io.vpc4j.Url;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code curl}, through a binding. */
@Command(
    name = "fetch",
    description = {"Fetch a URL through a binding, with curl's habits.", ""},
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  vpc4j fetch http://10.0.1.50/data",
      "  vpc4j fetch -b MY_VPC -H 'Accept: application/json' -d '{\"a\":1}' http://10.0.1.50/items",
      "  tar c . | vpc4j fetch --data-binary @- http://files.internal/upload",
      "  vpc4j fetch -o image.iso http://10.0.1.50/image.iso",
      "",
      "A progress meter appears when a transfer takes more than a second, stderr is a terminal, and",
      "the body goes elsewhere.",
      "Exit codes: 0 done; 2 usage or configuration; 3 URL; 6 name not resolved; 7 no connection;",
      "8 not HTTP; 9 denied by policy; 18 cut short; 22 status 400 or more, with --fail; 23 could",
      "not write; 26 could not read; 28 timed out; 35 TLS; 47 redirects; 52 empty reply; 55 could",
      "not send; 56 reset while receiving; 60 certificate."
    })
final class FetchCommand implements Callable<Integer> {

  private static final Pattern AUTHORITY = Pattern.compile("[a-zA-Z]+://([^/?#]*)@");

  /** A terminal is scrolled back and pasted elsewhere: what proves who we are is not shown. */
  private static final Set<String> SECRETS =
      Set.of("authorization", "proxy-authorization", "cookie", "set-cookie");

  @Spec private CommandSpec spec;
  @ParentCommand private VpcCommand parent;
  @Mixin private ConfigOptions options;

  @Parameters(paramLabel = "URL", description = "Absolute, http or https.")
  private String url;

  @Option(
      names = {"-X", "--request"},
      paramLabel = "METHOD",
      description = "Default: GET; POST with data, PUT with -T, HEAD with -I.")
  private @Nullable String method;

  @Option(
      names = {"-H", "--header"},
      paramLabel = "'NAME: VALUE'",
      description = "Send this field. May be repeated.")
  private List<String> headers = new ArrayList<>();

  @Option(
      names = {"-d", "--data"},
      paramLabel = "DATA|@FILE|@-",
      description =
          "Send this; of a file or stdin, without its line ends. Repeated: joined by '&'.")
  private List<String> data = new ArrayList<>();

  @Option(
      names = "--data-binary",
      paramLabel = "DATA|@FILE|@-",
      description = "Send this as it is; of a file or stdin, streamed. Repeated: joined by '&'.")
  private List<String> dataBinary = new ArrayList<>();

  @Option(
      names = {"-T", "--upload-file"},
      paramLabel = "FILE|-",
      description = "PUT a file, or stdin, streamed.")
  private @Nullable String uploadFile;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE|-",
      description = "Write the body there. Default: -, which is stdout.")
  private String output = "-";

  @Option(
      names = {"-i", "--include"},
      description = "Write the response's head before its body.")
  private boolean include;

  @Option(
      names = {"-I", "--head"},
      description = "Ask for the head alone.")
  private boolean head;

  @Option(
      names = {"-L", "--location"},
      description = "Follow redirects, at most 20, by the rules of the Fetch standard.")
  private boolean follow;

  @Option(
      names = {"-f", "--fail"},
      description = "Exit with 22 and write no body if the status is 400 or more.")
  private boolean fail;

  @Option(
      names = {"-v", "--verbose"},
      description = "Show the route and both heads on stderr, without credentials.")
  private boolean verbose;

  @Option(
      names = {"-s", "--silent"},
      description = "No progress meter. Errors are still said.")
  private boolean silent;

  @Option(
      names = {"-m", "--max-time"},
      paramLabel = "SECONDS",
      description = "For the whole transfer; fractions are fine.")
  private @Nullable Double maxTime;

  @Option(
      names = {"-A", "--user-agent"},
      paramLabel = "TEXT",
      description = "Default: vpc4j and its version.")
  private @Nullable String userAgent;

  @Option(
      names = {"-u", "--user"},
      paramLabel = "USER:PASSWORD",
      description = "Basic authentication. Default: what the URL has before its @.")
  private @Nullable String user;

  @Option(names = "--compressed", description = "Ask for gzip, and decode it.")
  private boolean compressed;

  @Option(names = "--http1.1", description = "HTTP/1.1 only.")
  private boolean http11;

  @Option(names = "--http2-prior-knowledge", description = "HTTP/2 only, over plain http as well.")
  private boolean http2;

  @SuppressWarnings("NullAway.Init")
  FetchCommand() {}

  @Override
  public Integer call() throws Exception {
    var request = request();
    try (var vpc = options.open()) {
      var binding = options.binding(vpc);
      if (verbose) {
        err().print(binding.explain(url).toString().indent(2).replaceAll("(?m)^ ", "*"));
        showRequest(request);
      }
      try (var response = binding.fetch(request)) {
        return receive(response);
      }
    }
  }

  // ---- the request

  private Request request() throws Failure, IOException {
    var request = Request.builder(url());
    var body = body();
    request.body(body);
    request.redirect(follow ? Request.Redirect.FOLLOW : Request.Redirect.MANUAL);
    request.http(
        http2 ? Request.Http.HTTP_2 : http11 ? Request.Http.HTTP_1_1 : Request.Http.NEGOTIATE);
    request.decoding(compressed ? Request.ContentDecoding.DECODE : Request.ContentDecoding.KEEP);
    if (maxTime != null) {
      if (!(maxTime > 0 && maxTime <= 1e9)) {
        throw new Failure(ExitCode.USAGE, "--max-time must be over 0, not " + maxTime + ".");
      }
      request.deadline(Duration.ofNanos(Math.max(1, (long) (maxTime * 1e9))));
    }
    try {
      request.method(
          method != null
              ? method
              : head ? "HEAD" : uploadFile != null ? "PUT" : body == null ? "GET" : "POST");
      addHeaders(request);
      return request.build();
    } catch (IllegalArgumentException e) {
      throw new Failure(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private Url url() throws Failure {
    try {
      return Url.parse(url);
    } catch (IllegalArgumentException e) {
      throw new Failure(ExitCode.BAD_URL, String.valueOf(e.getMessage()));
    }
  }

  private void addHeaders(Request.Builder request) throws Failure {
    var named = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    var dropped = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (var header : headers) {
      var colon = header.indexOf(':');
      if (colon > 0 && colon == header.length() - 1) {
        dropped.add(header.substring(0, colon)); // "Name:" takes a default away, as in curl
      } else if (colon > 0) {
        named.add(header.substring(0, colon));
        request.header(header.substring(0, colon), header.substring(colon + 1));
      } else if (header.endsWith(";") && header.length() > 1) {
        named.add(header.substring(0, header.length() - 1));
        request.header(header.substring(0, header.length() - 1), "");
      } else {
        throw new Failure(ExitCode.USAGE, "Not a header field: '" + header + "'.");
      }
    }
    named.addAll(dropped);
    var credentials = user != null ? user : userOf(url);
    if (credentials != null && !named.contains("Authorization")) {
      var octets = credentials.getBytes(UTF_8);
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(octets));
    }
    if (!named.contains("User-Agent")) {
      request.header(
          "User-Agent", userAgent != null ? userAgent : "vpc4j/" + VpcCommand.Version.number());
    }
    if (!named.contains("Accept")) {
      request.header("Accept", "*/*");
    }
    if (compressed && !named.contains("Accept-Encoding")) {
      request.header("Accept-Encoding", "gzip, deflate");
    }
    if (!(data.isEmpty() && dataBinary.isEmpty()) && !named.contains("Content-Type")) {
      request.header("Content-Type", "application/x-www-form-urlencoded");
    }
  }

  /** {@code USER:PASSWORD} of {@code http://USER:PASSWORD@host/}, RFC 3986 3.2.1; null if none. */
  private static @Nullable String userOf(String url) {
    var found = AUTHORITY.matcher(url);
    if (!found.lookingAt()) {
      return null;
    }
    return URLDecoder.decode(found.group(1).replace("+", "%2B"), UTF_8);
  }

  private @Nullable Body body() throws Failure, IOException {
    var kinds = (data.isEmpty() ? 0 : 1) + (dataBinary.isEmpty() ? 0 : 1);
    if (kinds + (uploadFile != null ? 1 : 0) > 1) {
      throw new Failure(ExitCode.USAGE, "-d, --data-binary and -T exclude each other.");
    }
    var source = new RequestData(streams().in());
    if (!data.isEmpty()) {
      return source.form(data);
    }
    if (!dataBinary.isEmpty()) {
      return source.binary(dataBinary);
    }
    return uploadFile != null ? source.upload(uploadFile) : null;
  }

  // ---- the response

  private int receive(Response response) throws IOException, Failure {
    if (verbose) {
      showResponse(response);
    }
    if (fail && response.status() >= 400) {
      throw new Failure(
          ExitCode.HTTP_ERROR, "The requested URL returned error: " + response.status() + ".");
    }
    var expected = response.headers().get("content-length").map(FetchCommand::length).orElse(-1L);
    try (var meter = meter(expected);
        var out = destination()) {
      var counted = meter == null ? out : meter.counting(out);
      if (include || head) {
        var octets = headText(response).getBytes(UTF_8);
        Copying.write(counted, octets, octets.length);
      }
      Copying.copy(response.inputStream(), counted);
    }
    return ExitCode.OK;
  }

  /** Where somebody watches, and the body does not go to the same screen. */
  private @Nullable ProgressMeter meter(long expectedOctets) {
    var watched = streams().terminals();
    var elsewhere = !output.equals("-") || !watched.contains(Terminal.STDOUT);
    return !silent && elsewhere && watched.contains(Terminal.STDERR)
        ? new ProgressMeter(err(), expectedOctets, streams().ticker())
        : null;
  }

  private OutputStream destination() throws Failure {
    try {
      return output.equals("-")
          ? new NotClosed(streams().out())
          : Files.newOutputStream(Path.of(output));
    } catch (IOException | InvalidPathException e) {
      throw new Failure(ExitCode.WRITE_ERROR, "Cannot write " + output + ": " + e + ".");
    }
  }

  private static long length(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  // ---- what is shown

  private void showRequest(Request request) {
    var err = err();
    err.println("> " + request.method() + " " + request.url().pathAndQuery());
    err.println("> Host: " + request.url().authority());
    request
        .headers()
        .forEach((name, value) -> err.println("> " + name + ": " + shown(name, value)));
    err.println(">");
    err.flush();
  }

  private static String shown(String name, String value) {
    return SECRETS.contains(name.toLowerCase(Locale.ROOT)) ? "(not shown)" : value;
  }

  private void showResponse(Response response) {
    var err = err();
    err.println("< " + statusLine(response));
    response
        .headers()
        .forEach((name, value) -> err.println("< " + name + ": " + shown(name, value)));
    err.println("<");
    err.flush();
  }

  private static String statusLine(Response response) {
    var line = response.version() + " " + response.status();
    return response.statusText().isEmpty() ? line : line + " " + response.statusText();
  }

  private static String headText(Response response) {
    var text = new StringBuilder(statusLine(response)).append("\r\n");
    response
        .headers()
        .forEach((name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
    return text.append("\r\n").toString();
  }

  private Streams streams() {
    return parent.streams();
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }

  /** stdout is not ours to close. */
  private static final class NotClosed extends FilterOutputStream {
    NotClosed(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      out.write(from, offset, length); // whole, and not an octet at a time
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}

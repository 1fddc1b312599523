package io.vpc4j.core.ops;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vpc4j.core.config.ConfigDocument;
import io.vpc4j.core.config.ConfigDocumentException;
import io.vpc4j.core.config.ConfigValue;
import io.vpc4j.core.config.ConfigValue.ArrayValue;
import io.vpc4j.core.config.ConfigValue.BooleanValue;
import io.vpc4j.core.config.ConfigValue.NumberValue;
import io.vpc4j.core.config.ConfigValue.ObjectValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import io.vpc4j.core.config.Dialect;
import io.vpc4j.core.config.DuplicateKeys;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Asks an {@link OpsServer}. Blocks, at most for its timeouts; safe for use by many threads. */
public final class OpsClient {

  private static final int MAX_OCTETS = 16 * 1024 * 1024;

  private final URI server;
  private final int timeoutMillis;

  /**
   * For one server.
   *
   * @param server {@code http://host:port}
   * @param timeout to connect, and again for each octet to come
   */
  public OpsClient(URI server, Duration timeout) {
    this.server = server;
    this.timeoutMillis = Math.toIntExact(timeout.toMillis());
  }

  /**
   * An answer as it came.
   *
   * @param status of HTTP
   * @param body text
   */
  public record Reply(int status, String body) {}

  /**
   * What {@code path} answers.
   *
   * @param path {@code /status} and its like
   * @throws IOException if nothing answers there, or nothing of ours
   */
  public Reply get(String path) throws IOException {
    var connection =
        (HttpURLConnection) server.resolve(path).toURL().openConnection(Proxy.NO_PROXY);
    connection.setConnectTimeout(timeoutMillis);
    connection.setReadTimeout(timeoutMillis);
    connection.setInstanceFollowRedirects(false);
    connection.setUseCaches(false);
    try {
      int status = connection.getResponseCode();
      try (var in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
        var octets = in == null ? new byte[0] : in.readNBytes(MAX_OCTETS + 1);
        if (octets.length > MAX_OCTETS) {
          throw new IOException(server + path + " is longer than " + MAX_OCTETS + " octets");
        }
        return new Reply(status, new String(octets, UTF_8));
      }
    } finally {
      connection.disconnect();
    }
  }

  /**
   * The tree of {@code /status}: maps, lists, strings, numbers and Booleans. Null is an empty text.
   *
   * @throws IOException if nothing answers there, or nothing of ours
   */
  public Map<String, Object> status() throws IOException {
    var reply = get("/status");
    if (reply.status() != 200) {
      throw new IOException(server + "/status answers " + reply.status());
    }
    return tree(server.toString(), reply.body());
  }

  /**
   * JSON as a tree.
   *
   * @param name whose it is, for messages
   * @throws IOException if it is not JSON, or no object
   */
  public static Map<String, Object> tree(String name, String json) throws IOException {
    try {
      var root =
          ConfigDocument.parse(name, json.getBytes(UTF_8), Dialect.JSONC, DuplicateKeys.REFUSED)
              .root();
      if (root instanceof ObjectValue object) {
        return map(object);
      }
      throw new IOException(name + " is not a vpc4j");
    } catch (ConfigDocumentException e) {
      throw new IOException(name + " is not a vpc4j: " + e.reason(), e);
    }
  }

  private static Map<String, Object> map(ObjectValue object) {
    var map = new LinkedHashMap<String, Object>();
    object.members().forEach((key, member) -> map.put(key, plain(member.value())));
    return map;
  }

  private static Object plain(ConfigValue value) {
    if (value instanceof ObjectValue object) {
      return map(object);
    }
    if (value instanceof ArrayValue array) {
      List<Object> list = new ArrayList<>();
      array.elements().forEach(element -> list.add(plain(element)));
      return list;
    }
    if (value instanceof NumberValue number) {
      return number.wholeNumber().isPresent()
          ? (Object) number.wholeNumber().getAsLong()
          : (Object) number.value();
    }
    if (value instanceof BooleanValue flag) {
      return flag.value();
    }
    return value instanceof StringValue text ? text.value() : "";
  }
}

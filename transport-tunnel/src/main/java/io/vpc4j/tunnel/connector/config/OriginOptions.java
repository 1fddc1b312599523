package io.vpc4j.tunnel.connector.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How an origin is dialled and spoken to: {@code originRequest}, of the document and of one rule.
 * [C] 7.8
 *
 * @param connectTimeout for the TCP handshake; default 30 s
 * @param tlsTimeout for the TLS handshake; default 10 s
 * @param tcpKeepAlive whether the operating system probes an idle origin; zero turns it off;
 *     default 30 s
 * @param addresses whether both families of a name are tried
 * @param keepAliveConnections idle connections kept for each origin, 0 to 10,000; default 100
 * @param keepAliveTimeout how long an idle connection is kept; default 90 s
 * @param httpHostHeader what the origin sees as {@code Host}; empty for what the client sent
 * @param originServerName what the origin's certificate must be valid for; empty for its host name
 * @param serverName where the name shown in TLS comes from
 * @param caPool PEM, trusted besides the system's authorities
 * @param verification whether the origin's certificate is checked
 * @param requestBody how a request's body of unknown length is sent
 * @param http what is spoken to an https origin
 */
public record OriginOptions(
    Duration connectTimeout,
    Duration tlsTimeout,
    Duration tcpKeepAlive,
    Addresses addresses,
    int keepAliveConnections,
    Duration keepAliveTimeout,
    String httpHostHeader,
    String originServerName,
    ServerName serverName,
    Optional<Path> caPool,
    Verification verification,
    RequestBody requestBody,
    Http http) {

  /** {@code noHappyEyeballs}. */
  public enum Addresses {
    /** The other family is tried when the first is slow. RFC 8305 */
    HAPPY_EYEBALLS,
    /** One after the other, in the resolver's order. */
    IN_TURN
  }

  /** {@code matchSNItoHost}. */
  public enum ServerName {
    /** {@link OriginOptions#originServerName}, else the service's host. */
    CONFIGURED,
    /** The request's host. */
    REQUESTED
  }

  /** {@code noTLSVerify}. */
  public enum Verification {
    /** By the system's authorities and {@link OriginOptions#caPool}. */
    REQUIRED,
    /** Any certificate will do. */
    NONE
  }

  /** {@code disableChunkedEncoding}. */
  public enum RequestBody {
    /** In chunks. */
    CHUNKED,
    /** Collected first, so that its length is known: for origins that cannot take chunks. */
    MEASURED
  }

  /** {@code http2Origin}. */
  public enum Http {
    /** HTTP/1.1. */
    ONE,
    /** HTTP/2 where the origin agrees, by ALPN. */
    TWO
  }

  /** What holds where nothing is said. [C] 7.8 */
  public static final OriginOptions DEFAULTS =
      new OriginOptions(
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Addresses.HAPPY_EYEBALLS,
          100,
          Duration.ofSeconds(90),
          "",
          "",
          ServerName.CONFIGURED,
          Optional.empty(),
          Verification.REQUIRED,
          RequestBody.CHUNKED,
          Http.ONE);

  /** What {@code section} says, and {@code base} where it says nothing. */
  static OriginOptions read(Section section, OriginOptions base) throws ConfigException {
    refuseWhatIsNotDone(section);
    var caPool = section.text("caPool");
    return new OriginOptions(
        section.duration("connectTimeout", base.connectTimeout),
        section.duration("tlsTimeout", base.tlsTimeout),
        section.duration("tcpKeepAlive", base.tcpKeepAlive),
        section.flag("noHappyEyeballs", base.addresses == Addresses.IN_TURN)
            ? Addresses.IN_TURN
            : Addresses.HAPPY_EYEBALLS,
        (int) section.number("keepAliveConnections", base.keepAliveConnections, 10_000),
        section.duration("keepAliveTimeout", base.keepAliveTimeout),
        or(section.text("httpHostHeader"), base.httpHostHeader),
        or(section.text("originServerName"), base.originServerName),
        section.flag("matchSNItoHost", base.serverName == ServerName.REQUESTED)
            ? ServerName.REQUESTED
            : ServerName.CONFIGURED,
        caPool.isEmpty() ? base.caPool : Optional.of(Path.of(caPool)),
        section.flag("noTLSVerify", base.verification == Verification.NONE)
            ? Verification.NONE
            : Verification.REQUIRED,
        section.flag("disableChunkedEncoding", base.requestBody == RequestBody.MEASURED)
            ? RequestBody.MEASURED
            : RequestBody.CHUNKED,
        section.flag("http2Origin", base.http == Http.TWO) ? Http.TWO : Http.ONE);
  }

  /**
   * An option that guards an origin must not be passed over in silence: who set {@code access}
   * relies on requests without a token being turned away.
   */
  private static void refuseWhatIsNotDone(Section section) throws ConfigException {
    var access = section.section("access");
    if (access.isPresent() && access.get().flag("required", false)) {
      throw new ConfigException(
          section.place("access"),
          "access.required is not supported by this connector: it would not check the tokens");
    }
    if (section.flag("bastionMode", false)) {
      throw new ConfigException(
          section.place("bastionMode"), "bastionMode is not supported by this connector");
    }
    if (!section.text("proxyType").isEmpty()) {
      throw new ConfigException(
          section.place("proxyType"), "proxyType is not supported by this connector");
    }
  }

  private static String or(String text, String otherwise) {
    return text.isEmpty() ? otherwise : text;
  }
}

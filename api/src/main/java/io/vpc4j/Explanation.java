package io.vpc4j;

import java.util.List;
import java.util.Optional;

/**
 * What a fetch of a URL would do, told without dialling.
 *
 * @param url the URL, normalised
 * @param binding the binding's name
 * @param bindingKind {@code vpc_network} or {@code vpc_service}
 * @param target what the binding points at, such as {@code network:cf1:network}
 * @param destination {@code host:port} that would be dialled; for a service, its record's
 * @param route the route that matched, such as {@code 10.0.0.0/16}; empty if none did
 * @param reason why that route won, or why none did: a sentence
 * @param considered the routes that matched and lost, most specific first
 * @param hop what would carry it, such as {@code tunnel:550e8400-…}; empty if nothing would
 * @param transport the transport that carries the hop; empty if none installed does
 * @param resolver who would resolve the name; empty if the host is an address
 * @param policy the verdict and the rule behind it
 * @param tls how TLS would be spoken
 * @param error the code that {@code fetch} would fail with, as far as can be told; empty if it
 *     would dial
 */
public record Explanation(
    String url,
    String binding,
    String bindingKind,
    String target,
    String destination,
    Optional<String> route,
    String reason,
    List<String> considered,
    Optional<String> hop,
    Optional<String> transport,
    Optional<String> resolver,
    Policy policy,
    Tls tls,
    Optional<ErrorCode> error) {

  /** Copies the list. */
  public Explanation {
    considered = List.copyOf(considered);
  }

  /**
   * What the policy says.
   *
   * @param allowed whether it may be dialled. For a name this is the verdict on the name; each
   *     address it resolves to is judged again before it is dialled
   * @param rule the rule that decided, as the directory has it, or the built-in one's name
   */
  public record Policy(boolean allowed, String rule) {}

  /**
   * How TLS would be spoken.
   *
   * @param mode {@code off}, {@code verify_full}, {@code verify_ca} or {@code disabled}
   * @param serverName the SNI that would be sent; empty for none
   * @param trust who is believed: {@code system}, or the private CA's origin
   * @param clientCertificate whether one would be shown if asked for
   */
  public record Tls(
      String mode, Optional<String> serverName, String trust, boolean clientCertificate) {}

  /** A line a fact, for people. */
  @Override
  public String toString() {
    var text = new StringBuilder();
    line(text, "url", url);
    line(text, "binding", binding + " (" + bindingKind + ", " + target + ")");
    line(text, "destination", destination);
    line(text, "route", route.map(r -> r + ", " + reason).orElse("none, " + reason));
    for (var loser : considered) {
      line(text, "", "also matched: " + loser);
    }
    line(text, "hop", hop.orElse("none"));
    line(text, "transport", transport.orElse("none"));
    line(text, "resolver", resolver.orElse("not needed: the host is an address"));
    line(text, "policy", (policy.allowed() ? "allowed by " : "denied by ") + policy.rule());
    line(text, "tls", tlsLine());
    line(text, "verdict", error.map(e -> "fetch would throw " + e).orElse("would be dialled"));
    return text.toString();
  }

  private String tlsLine() {
    if (tls.mode().equals("off")) {
      return "off";
    }
    return tls.mode()
        + tls.serverName().map(name -> ", SNI " + name).orElse(", no SNI")
        + ", trust "
        + tls.trust()
        + (tls.clientCertificate() ? ", with a client certificate" : "");
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append(String.format("%-12s %s%n", name, value));
  }
}

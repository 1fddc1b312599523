package io.vpc4j.core.routing;

import io.vpc4j.Explanation;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonFactory;

/** An explanation as one line of JSON; absent values are null, names are in snake case. */
public final class ExplanationJson {

  private ExplanationJson() {}

  /** The line, without its end. */
  public static String of(Explanation explanation) {
    var text = new java.io.StringWriter();
    try (var json =
        new JsonFactory().createGenerator(tools.jackson.core.ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("url", explanation.url());
      json.writeStringProperty("binding", explanation.binding());
      json.writeStringProperty("binding_kind", explanation.bindingKind());
      json.writeStringProperty("target", explanation.target());
      json.writeStringProperty("destination", explanation.destination());
      optional(json, "route", explanation.route());
      json.writeStringProperty("reason", explanation.reason());
      json.writeArrayPropertyStart("considered");
      explanation.considered().forEach(json::writeString);
      json.writeEndArray();
      optional(json, "hop", explanation.hop());
      optional(json, "transport", explanation.transport());
      optional(json, "resolver", explanation.resolver());
      json.writeObjectPropertyStart("policy");
      json.writeBooleanProperty("allowed", explanation.policy().allowed());
      json.writeStringProperty("rule", explanation.policy().rule());
      json.writeEndObject();
      json.writeObjectPropertyStart("tls");
      json.writeStringProperty("mode", explanation.tls().mode());
      optional(json, "server_name", explanation.tls().serverName());
      json.writeStringProperty("trust", explanation.tls().trust());
      json.writeBooleanProperty("client_certificate", explanation.tls().clientCertificate());
      json.writeEndObject();
      optional(json, "error", explanation.error().map(Object::toString));
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void optional(JsonGenerator json, String name, Optional<String> value) {
    if (value.isPresent()) {
      json.writeStringProperty(name, value.get());
    } else {
      json.writeNullProperty(name);
    }
  }
}

package io.vpc4j.core.config.wrangler;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code previews}: an environment in small. It may have services of the directory but no networks.
 */
final class PreviewRules {

  private static final Map<String, Rule> FIELDS = new LinkedHashMap<>();

  static {
    FIELDS.put("vars", BindingRules.VARS);
    FIELDS.put("define", Rule.NONE);
    FIELDS.put("durable_objects", BindingRules.container(BindingRules.DURABLE_OBJECT));
    FIELDS.put("workflows", BindingRules.list(BindingItems.WORKFLOW));
    FIELDS.put("kv_namespaces", BindingRules.list(BindingItems.KV_NAMESPACE));
    FIELDS.put("send_email", BindingRules.list(BindingItems.SEND_EMAIL));
    FIELDS.put("queues", BindingRules.QUEUES);
    FIELDS.put("d1_databases", BindingRules.list(BindingItems.D1_DATABASE));
    FIELDS.put("r2_buckets", BindingRules.list(BindingItems.R2_BUCKET));
    FIELDS.put("vectorize", BindingRules.list(BindingItems.VECTORIZE));
    FIELDS.put("hyperdrive", BindingRules.list(BindingItems.HYPERDRIVE));
    FIELDS.put("services", BindingRules.list(BindingItems.SERVICE));
    FIELDS.put("analytics_engine_datasets", BindingRules.list(BindingItems.ANALYTICS_ENGINE));
    FIELDS.put("dispatch_namespaces", BindingRules.list(Rule.NONE));
    FIELDS.put("mtls_certificates", BindingRules.list(BindingItems.MTLS_CERTIFICATE));
    FIELDS.put("tail_consumers", Rule.NONE);
    FIELDS.put("streaming_tail_consumers", Rule.NONE);
    FIELDS.put("unsafe", BindingRules.UNSAFE);
    FIELDS.put("browser", BindingRules.single(true, true));
    FIELDS.put("ai", BindingRules.single(true, false));
    FIELDS.put("images", BindingRules.single(true, true));
    FIELDS.put("stream", BindingRules.single(true, true));
    FIELDS.put("media", BindingRules.single(true, true));
    FIELDS.put("pipelines", BindingRules.list(BindingItems.PIPELINE));
    FIELDS.put("secrets_store_secrets", BindingRules.list(BindingItems.STORED_SECRET));
    FIELDS.put("artifacts", BindingRules.list(BindingItems.ARTIFACTS));
    FIELDS.put("unsafe_hello_world", BindingRules.list(BindingItems.HELLO_WORLD));
    FIELDS.put("flagship", BindingRules.list(BindingItems.FLAGSHIP));
    FIELDS.put("worker_loaders", BindingRules.list(BindingItems.WORKER_LOADER));
    FIELDS.put("ratelimits", BindingRules.list(BindingItems.RATE_LIMIT));
    FIELDS.put("vpc_services", BindingRules.list(BindingItems.VPC_SERVICE));
    FIELDS.put("version_metadata", BindingRules.single(false, false));
    FIELDS.put("containers", Rule.NONE);
    FIELDS.put("logpush", TypeRules.BOOLEAN);
    FIELDS.put("observability", Rule.NONE);
    FIELDS.put("limits", Rule.NONE);
    FIELDS.put("cache", Rule.NONE);
  }

  private PreviewRules() {}

  static final Rule PREVIEWS =
      (scope, diagnostics, field, value) -> {
        if (value == null) {
          return true;
        }
        if (!Js.isRecord(value)) {
          diagnostics.error(
              "The field \""
                  + field
                  + "\" should be an object but got "
                  + scope.js().json(value)
                  + ".",
              value);
          return false;
        }
        boolean valid = scope.onlyKnown(diagnostics, field, value, FIELDS.keySet());
        for (var rule : FIELDS.entrySet()) {
          valid &=
              rule.getValue()
                  .check(
                      scope.alone(),
                      diagnostics,
                      field + "." + rule.getKey(),
                      scope.js().get(value, rule.getKey()));
        }
        return valid;
      };
}

package io.vpc4j.core.config.wrangler;

import io.vpc4j.core.config.ConfigValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import java.util.List;

/** What one item of each product's list of bindings must look like. */
final class BindingItems {

  private static final String R2_NAME = "[a-z0-9][a-z0-9-]{1,61}[a-z0-9]";

  private BindingItems() {}

  /** A route to one service of the directory. */
  static final Rule VPC_SERVICE =
      ItemRule.of("vpc_services")
          .named()
          .required("service_id", "string", "bindings must have a \"service_id\" field")
          .only("binding", "service_id", "remote");

  /** A route to one tunnel, or to a whole network. */
  static final Rule VPC_NETWORK =
      ItemRule.of("vpc_networks")
          .named()
          .and(BindingItems::namesOneNetwork)
          .only("binding", "tunnel_id", "network_id", "remote");

  /** Exactly one of the two keys, whatever its value; and then a string. */
  private static boolean namesOneNetwork(
      Scope scope, Diagnostics diagnostics, String field, ConfigValue item) {
    var tunnel = scope.js().get(item, "tunnel_id");
    var network = scope.js().get(item, "network_id");
    if (tunnel != null && network != null) {
      diagnostics.error(
          "\""
              + field
              + "\" bindings must have either a \"tunnel_id\" or \"network_id\", but not "
              + "both.",
          item);
      return false;
    }
    if (tunnel == null && network == null) {
      return ItemRule.refuse(
          scope,
          diagnostics,
          field,
          item,
          "bindings must have either a \"tunnel_id\" or \"network_id\" field");
    }
    if ((tunnel != null ? tunnel : network) instanceof StringValue) {
      return true;
    }
    var key = tunnel != null ? "tunnel_id" : "network_id";
    return ItemRule.refuse(
        scope, diagnostics, field, item, "bindings must have a string \"" + key + "\" field");
  }

  static final Rule KV_NAMESPACE =
      ItemRule.of("kv_namespaces")
          .named()
          .filledIfPresent("id", "bindings should have a string \"id\" field")
          .optionalString("preview_id")
          .remote()
          .only("binding", "id", "preview_id", "remote");

  static final Rule SEND_EMAIL =
      ItemRule.of("send_email")
          .required("name", "string", "bindings should have a string \"name\" field")
          .optionalString("destination_address")
          .optional(
              "allowed_destination_addresses",
              "object",
              "bindings should, optionally, have a []string \"allowed_destination_addresses\" field")
          .optional(
              "allowed_sender_addresses",
              "object",
              "bindings should, optionally, have a []string \"allowed_sender_addresses\" field")
          .and(BindingItems::hasOneKindOfDestination)
          .remote()
          .only(
              "allowed_sender_addresses",
              "allowed_destination_addresses",
              "destination_address",
              "name",
              "binding",
              "remote");

  private static boolean hasOneKindOfDestination(
      Scope scope, Diagnostics diagnostics, String field, ConfigValue item) {
    if (!scope.js().has(item, "destination_address")
        || !scope.js().has(item, "allowed_destination_addresses")) {
      return true;
    }
    diagnostics.error(
        "\""
            + field
            + "\" bindings should have either a \"destination_address\" or "
            + "\"allowed_destination_addresses\" field, but not both.",
        item);
    return false;
  }

  /** The other products stop at nothing; this one stops at an unknown key. */
  static final Rule QUEUE_PRODUCER =
      (scope, diagnostics, field, value) -> {
        var fields = List.of("binding", "queue", "delivery_delay", "remote");
        if (value != null
            && Js.isObject(value)
            && !scope.onlyKnown(diagnostics, field, value, fields)) {
          return false;
        }
        return ItemRule.of("queue")
            .named()
            .filledIfPresent(
                "queue", "bindings should optionally have a non-empty string \"queue\" field")
            .optional(
                "delivery_delay",
                "number",
                "should, optionally, have a number \"delivery_delay\" field")
            .and(BindingItems::warnsOfDelay)
            .remote()
            .check(scope, diagnostics, field, value);
      };

  private static boolean warnsOfDelay(
      Scope scope, Diagnostics diagnostics, String field, ConfigValue item) {
    if (scope.js().has(item, "delivery_delay")) {
      diagnostics.warn(
          "The \"delivery_delay\" field in \""
              + field
              + "\" is deprecated and has no effect. "
              + "Queue-level settings should be configured using \"wrangler queues update\" "
              + "instead. This setting will be removed in a future version.",
          scope.js().placeOf(item, "delivery_delay"));
    }
    return true;
  }

  static final Rule R2_BUCKET =
      ItemRule.of("r2_buckets")
          .named()
          .filledIfPresent("bucket_name", "bindings should have a string \"bucket_name\" field")
          .and(
              (scope, diagnostics, field, item) ->
                  isBucketName(scope, diagnostics, field, item, "bucket_name", "="))
          .optionalString("preview_bucket_name")
          .and(
              (scope, diagnostics, field, item) ->
                  isBucketName(scope, diagnostics, field, item, "preview_bucket_name", "= "))
          .optionalString("jurisdiction")
          .remote()
          .only(
              "binding",
              "bucket_name",
              "preview_bucket_name",
              "jurisdiction",
              "remote",
              "local_dev");

  // The parameters are those of a check, the key, and what stands before the value in the message.
  private static boolean isBucketName(
      Scope scope,
      Diagnostics diagnostics,
      String field,
      ConfigValue item,
      String key,
      String equals) {
    if (!(scope.js().get(item, "binding") instanceof StringValue)
        || !(scope.js().get(item, key) instanceof StringValue name)
        || name.value().isEmpty()
        || name.value().matches(R2_NAME)) {
      return true;
    }
    diagnostics.error(
        field
            + "."
            + key
            + equals
            + scope.js().json(name)
            + " is invalid. Bucket names must begin and end with an alphanumeric character, only "
            + "contain lowercase letters, numbers, and hyphens, and be between 3 and 63 characters "
            + "long.",
        name);
    return false;
  }

  static final Rule D1_DATABASE =
      ItemRule.of("d1_databases")
          .named()
          .optional("database_id", "string", "bindings must have a \"database_id\" field")
          .optionalString("preview_database_id")
          .remote()
          .optionalString("migrations_pattern")
          .optionalString("database_name")
          .optionalString("migrations_dir")
          .optionalString("migrations_table")
          .optionalString("database_internal_env")
          .only(
              "binding",
              "database_id",
              "database_internal_env",
              "database_name",
              "migrations_dir",
              "migrations_pattern",
              "migrations_table",
              "preview_database_id",
              "remote");

  static final Rule VECTORIZE =
      ItemRule.of("vectorize")
          .named()
          .required("index_name", "string", "bindings must have an \"index_name\" field")
          .remote()
          .only("binding", "index_name", "remote");

  static final Rule AI_SEARCH_NAMESPACE = namespaced("ai_search_namespaces");

  static final Rule AGENT_MEMORY = namespaced("agent_memory");

  private static Rule namespaced(String listName) {
    return ItemRule.of(listName)
        .named()
        .required("namespace", "string", "bindings must have a \"namespace\" field")
        .remote()
        .only("binding", "namespace", "remote");
  }

  static final Rule AI_SEARCH =
      ItemRule.of("ai_search")
          .named()
          .required("instance_name", "string", "bindings must have an \"instance_name\" field")
          .remote()
          .only("binding", "instance_name", "remote");

  static final Rule HYPERDRIVE =
      ItemRule.of("hyperdrive")
          .named()
          .required("id", "string", "bindings must have a \"id\" field")
          .only("binding", "id", "localConnectionString");

  static final Rule SERVICE =
      ItemRule.of("services")
          .named()
          .required("service", "string", "bindings should have a string \"service\" field")
          .optional("environment", "string", "bindings should have a string \"environment\" field")
          .optional("entrypoint", "string", "bindings should have a string \"entrypoint\" field")
          .remote();

  static final Rule ANALYTICS_ENGINE =
      ItemRule.of("analytics_engine")
          .named()
          .filledIfPresent(
              "dataset", "bindings should, optionally, have a string \"dataset\" field")
          .only("binding", "dataset");

  static final Rule MTLS_CERTIFICATE =
      ItemRule.of("mtls_certificates")
          .named()
          .and(BindingItems::hasCertificate)
          .only("binding", "certificate_id", "remote")
          .remote();

  private static boolean hasCertificate(
      Scope scope, Diagnostics diagnostics, String field, ConfigValue item) {
    return (scope.js().get(item, "certificate_id") instanceof StringValue id
            && !id.value().isEmpty())
        || ItemRule.refuse(
            scope,
            diagnostics,
            field,
            item,
            "bindings should have a string \"certificate_id\" field");
  }

  static final Rule PIPELINE =
      ItemRule.of("pipeline")
          .strictlyNamed()
          .and(BindingItems::hasStream)
          .remote()
          .only("binding", "stream", "pipeline", "remote");

  private static boolean hasStream(
      Scope scope, Diagnostics diagnostics, String field, ConfigValue item) {
    if (scope.js().get(item, "stream") instanceof StringValue stream && !stream.value().isEmpty()) {
      return true;
    }
    if (scope.js().get(item, "pipeline") instanceof StringValue pipeline
        && !pipeline.value().isEmpty()) {
      diagnostics.warn(
          "The \"pipeline\" field in \""
              + field
              + "\" bindings is deprecated. Use \"stream\" "
              + "instead.",
          pipeline);
      return true;
    }
    return ItemRule.refuse(
        scope, diagnostics, field, item, "bindings must have a string \"stream\" field");
  }

  static final Rule STORED_SECRET =
      ItemRule.of("secrets_store_secrets")
          .strictlyNamed()
          .required("store_id", "string", "bindings must have a string \"store_id\" field")
          .required("secret_name", "string", "bindings must have a string \"secret_name\" field")
          .only("binding", "store_id", "secret_name");

  static final Rule ARTIFACTS =
      ItemRule.of("artifacts")
          .strictlyNamed()
          .required("namespace", "string", "bindings must have a string \"namespace\" field")
          .only("binding", "namespace", "remote")
          .remote();

  static final Rule HELLO_WORLD =
      ItemRule.of("unsafe_hello_world")
          .strictlyNamed()
          .optional(
              "enable_timer", "boolean", "bindings must have a boolean \"enable_timer\" field")
          .only("binding", "enable_timer");

  static final Rule FLAGSHIP =
      ItemRule.of("flagship")
          .strictlyNamed()
          .optional("app_id", "string", "bindings may have a string \"app_id\" field")
          .only("binding", "app_id", "remote")
          .remote();

  static final Rule WORKER_LOADER = ItemRule.of("worker_loader").strictlyNamed().only("binding");

  static final Rule RATE_LIMIT =
      ItemRule.of("ratelimits")
          .required("name", "string", "bindings must have a string \"name\" field")
          .required("namespace_id", "string", "bindings must have a string \"namespace_id\" field")
          .and(
              (scope, diagnostics, field, item) ->
                  Js.isObject(scope.js().get(item, "simple"))
                      || ItemRule.refuse(
                          scope,
                          diagnostics,
                          field,
                          item,
                          "bindings must have a \"simple\" configuration object"))
          .only("name", "namespace_id", "simple");

  static final Rule WORKFLOW =
      ItemRule.of("workflows")
          .named()
          .required("name", "string", "bindings should have a string \"name\" field")
          .required("class_name", "string", "bindings should have a string \"class_name\" field")
          .optionalString("script_name")
          .only("binding", "name", "class_name", "script_name", "limits", "schedules");
}

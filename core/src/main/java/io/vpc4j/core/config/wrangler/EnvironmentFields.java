package io.vpc4j.core.config.wrangler;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What an environment can hold, in the order in which wrangler looks at it. */
final class EnvironmentFields {

  /**
   * One field.
   *
   * @param name as the file has it
   * @param inherited whether a named environment has the top level's value if it has none
   * @param list whether it is a list of bindings, and so {@code []} if absent
   * @param rule what it must look like
   */
  record Field(String name, boolean inherited, boolean list, Rule rule) {}

  /** In wrangler's order. */
  static final List<Field> ALL;

  /** Their names; any other key of a named environment is unknown. */
  static final Set<String> NAMES;

  static {
    var fields = new ArrayList<Field>();
    inherited(fields, Rule.NONE, "route");
    inherited(fields, TypeRules.STRING, "account_id");
    inherited(fields, Rule.NONE, "routes");
    inherited(fields, TypeRules.BOOLEAN, "workers_dev", "preview_urls");
    inherited(fields, Rule.NONE, "build");
    inherited(fields, TypeRules.COMPATIBILITY_DATE, "compatibility_date");
    inherited(fields, TypeRules.STRING_ARRAY, "compatibility_flags");
    inherited(fields, TypeRules.STRING, "jsx_factory", "jsx_fragment", "tsconfig");
    inherited(fields, Rule.NONE, "rules");
    inherited(fields, TypeRules.WORKER_NAME, "name");
    inherited(fields, TypeRules.STRING, "main");
    inherited(fields, TypeRules.BOOLEAN, "find_additional_modules", "preserve_file_names");
    inherited(fields, TypeRules.STRING, "base_dir");
    inherited(fields, Rule.NONE, "triggers", "assets", "limits", "placement");
    own(fields, BindingRules.VARS, "vars");
    own(fields, BindingRules.SECRETS, "secrets");
    own(fields, Rule.NONE, "define");
    own(fields, BindingRules.container(BindingRules.DURABLE_OBJECT), "durable_objects");
    list(fields, BindingItems.WORKFLOW, "workflows");
    inherited(fields, Rule.NONE, "migrations", "exports");
    list(fields, BindingItems.KV_NAMESPACE, "kv_namespaces");
    own(fields, Rule.NONE, "cloudchamber", "containers");
    list(fields, BindingItems.SEND_EMAIL, "send_email");
    own(fields, BindingRules.QUEUES, "queues");
    own(fields, Rule.NONE, "connect");
    list(fields, BindingItems.R2_BUCKET, "r2_buckets");
    list(fields, BindingItems.D1_DATABASE, "d1_databases");
    list(fields, BindingItems.VECTORIZE, "vectorize");
    list(fields, BindingItems.AI_SEARCH_NAMESPACE, "ai_search_namespaces");
    list(fields, BindingItems.AI_SEARCH, "ai_search");
    own(fields, BindingRules.single(true, true), "websearch");
    list(fields, BindingItems.AGENT_MEMORY, "agent_memory");
    list(fields, BindingItems.HYPERDRIVE, "hyperdrive");
    list(fields, BindingItems.SERVICE, "services");
    list(fields, BindingItems.ANALYTICS_ENGINE, "analytics_engine_datasets");
    list(fields, Rule.NONE, "dispatch_namespaces");
    list(fields, BindingItems.MTLS_CERTIFICATE, "mtls_certificates");
    own(fields, Rule.NONE, "tail_consumers", "streaming_tail_consumers");
    own(fields, BindingRules.UNSAFE, "unsafe");
    own(fields, BindingRules.single(true, true), "browser");
    own(fields, BindingRules.single(true, false), "ai");
    own(fields, BindingRules.single(true, true), "images", "stream", "media");
    list(fields, BindingItems.PIPELINE, "pipelines");
    list(fields, BindingItems.STORED_SECRET, "secrets_store_secrets");
    list(fields, BindingItems.ARTIFACTS, "artifacts");
    list(fields, BindingItems.HELLO_WORLD, "unsafe_hello_world");
    list(fields, BindingItems.FLAGSHIP, "flagship");
    list(fields, BindingItems.WORKER_LOADER, "worker_loaders");
    list(fields, BindingItems.RATE_LIMIT, "ratelimits");
    list(fields, BindingItems.VPC_SERVICE, "vpc_services");
    list(fields, BindingItems.VPC_NETWORK, "vpc_networks");
    own(fields, BindingRules.single(false, false), "version_metadata");
    inherited(fields, Rule.NONE, "logfwdr");
    inherited(
        fields,
        TypeRules.BOOLEAN,
        "no_bundle",
        "minify",
        "keep_names",
        "first_party_worker",
        "logpush",
        "upload_source_maps");
    inherited(fields, Rule.NONE, "observability", "access", "cache");
    inherited(fields, TypeRules.COMPLIANCE_REGION, "compliance_region");
    inherited(fields, Rule.NONE, "python_modules");
    inherited(fields, PreviewRules.PREVIEWS, "previews");
    ALL = List.copyOf(fields);
    NAMES = Set.copyOf(ALL.stream().map(Field::name).toList());
  }

  private EnvironmentFields() {}

  private static void inherited(List<Field> fields, Rule rule, String... names) {
    for (String name : names) {
      fields.add(new Field(name, true, false, rule));
    }
  }

  private static void own(List<Field> fields, Rule rule, String... names) {
    for (String name : names) {
      fields.add(new Field(name, false, false, rule));
    }
  }

  private static void list(List<Field> fields, Rule item, String name) {
    fields.add(new Field(name, false, true, BindingRules.list(item)));
  }
}
